// Convolution of images (n, h, w, c) with kernels (kh, kw, c, o): the product and both its derivatives.
//
// Images are float32 or bfloat16 and weights float32; in bfloat16 the weights are rounded on the way in, products
// add up in float32 and the gradient of the weights leaves in float32.
#include "onednn.h"

namespace netwright {
namespace {

// The sizes of one convolution; padding is (top, bottom, left, right).
struct Shape {
  int64_t n, h, w, c, kh, kw, o, oh, ow;
  Dims strides, before, after;
  memory::data_type type, result;

  Shape(const Array& x, const Array& kernel, const Array& y, Ints strides, Ints padding, const Array& factor,
        const Array& result)
      : n(x[0]), h(x[1]), w(x[2]), c(x[3]), kh(kernel[0]), kw(kernel[1]), o(kernel[3]), oh(y[1]), ow(y[2]),
        strides(strides.begin(), strides.end()), before{padding[0], padding[2]}, after{padding[1], padding[3]},
        type(type_of(factor)), result(type_of(result)) {}

  Sizes key(int64_t rows) const {
    return {rows, h, w, c, kh, kw, o, oh, ow, strides[0], strides[1], before[0], before[1], after[0], after[1],
            static_cast<int64_t>(type), static_cast<int64_t>(result)};
  }
  memory::desc x(int64_t rows, memory::data_type t) const { return {{rows, c, h, w}, t, memory::format_tag::nhwc}; }
  memory::desc y(int64_t rows, memory::data_type t) const { return {{rows, o, oh, ow}, t, memory::format_tag::nhwc}; }
  memory::desc kernel() const { return {{o, c, kh, kw}, memory::data_type::f32, memory::format_tag::hwio}; }
  // In the layout and type that the primitive likes best.
  memory::desc any_kernel(memory::data_type t) const { return {{o, c, kh, kw}, t, memory::format_tag::any}; }
  size_t kernel_size() const { return static_cast<size_t>(o * c * kh * kw); }
};

constexpr auto kDirect = dnnl::algorithm::convolution_direct;
constexpr int64_t kLeastRows = 4;

dnnl::convolution_forward::primitive_desc forward_desc(const Shape& s, int64_t rows) {
  return {engine(), dnnl::prop_kind::forward_training, kDirect, s.x(rows, s.type), s.any_kernel(s.type),
          s.y(rows, s.result), s.strides, s.before, s.after, own_scratch()};
}

// A primitive with its description.
template <class Primitive>
struct Plan {
  typename Primitive::primitive_desc desc;
  Primitive primitive;
  explicit Plan(typename Primitive::primitive_desc d) : desc(std::move(d)), primitive(desc) {}
  memory scratchpad() const { return in(desc.scratchpad_desc(), scratch(0, desc.scratchpad_desc().get_size())); }
};

using Forward = Plan<dnnl::convolution_forward>;
using BackwardData = Plan<dnnl::convolution_backward_data>;
using BackwardWeights = Plan<dnnl::convolution_backward_weights>;

// y = x * kernel
ffi::Error forward(ffi::ThreadPool pool, ffi::AnyBuffer x_, ffi::AnyBuffer kernel_, ffi::Result<ffi::AnyBuffer> y_,
                   Ints strides, Ints padding) {
  const Array x(x_, 4), kernel(kernel_, 4), y(*y_, 4);
  const Shape s(x, kernel, y, strides, padding, x, y);
  const int64_t parts = part_count(y.members(), s.n, pool.num_threads(), kLeastRows);
  return for_each_part(pool, y.members(), s.n, parts, [&](const Part& part) {
    const Forward& plan = cached<Forward>(s.key(part.count), [&] { return Forward(forward_desc(s, part.count)); });
    const memory weights = in(s.kernel(), kernel.at(y, part.member));
    plan.primitive.execute(stream(), {{DNNL_ARG_SRC, in(plan.desc.src_desc(), x.at(y, part.member, part.first))},
                                      {DNNL_ARG_WEIGHTS, laid_out(weights, plan.desc.weights_desc(), 1)},
                                      {DNNL_ARG_DST, in(plan.desc.dst_desc(), y.at(y, part.member, part.first))},
                                      {DNNL_ARG_SCRATCHPAD, plan.scratchpad()}});
  });
}

// dx, from dy and the kernel
ffi::Error backward_data(ffi::ThreadPool pool, ffi::AnyBuffer dy_, ffi::AnyBuffer kernel_,
                         ffi::Result<ffi::AnyBuffer> dx_, Ints strides, Ints padding) {
  const Array dy(dy_, 4), kernel(kernel_, 4), dx(*dx_, 4);
  const Shape s(dx, kernel, dy, strides, padding, dy, dx);
  const int64_t parts = part_count(dx.members(), s.n, pool.num_threads(), kLeastRows);
  return for_each_part(pool, dx.members(), s.n, parts, [&](const Part& part) {
    const int64_t n = part.count;
    const BackwardData& plan = cached<BackwardData>(s.key(n), [&] {
      return BackwardData({engine(), kDirect, s.x(n, s.result), s.any_kernel(s.type), s.y(n, s.type), s.strides,
                           s.before, s.after, forward_desc(s, n), own_scratch()});
    });
    const memory weights = in(s.kernel(), kernel.at(dx, part.member));
    plan.primitive.execute(
        stream(), {{DNNL_ARG_DIFF_DST, in(plan.desc.diff_dst_desc(), dy.at(dx, part.member, part.first))},
                   {DNNL_ARG_WEIGHTS, laid_out(weights, plan.desc.weights_desc(), 1)},
                   {DNNL_ARG_DIFF_SRC, in(plan.desc.diff_src_desc(), dx.at(dx, part.member, part.first))},
                   {DNNL_ARG_SCRATCHPAD, plan.scratchpad()}});
  });
}

// dkernel, from x and dy: each part has its own, and they are added in the order of the parts.
ffi::Error backward_weights(ffi::ThreadPool pool, ffi::AnyBuffer x_, ffi::AnyBuffer dy_,
                            ffi::Result<ffi::AnyBuffer> dkernel_, Ints strides, Ints padding) {
  const Array x(x_, 4), dy(dy_, 4), dkernel(*dkernel_, 4);
  const Shape s(x, dkernel, dy, strides, padding, x, dkernel);
  const int64_t members = dkernel.members(), parts = part_count(members, s.n, pool.num_threads(), kLeastRows);
  const size_t size = s.kernel_size();
  std::vector<float> others(size * (parts - 1) * members);
  const auto of_part = [&](const Part& part) {
    return part.index == 0 ? dkernel.at(dkernel, part.member)
                           : others.data() + size * (part.member * (parts - 1) + part.index - 1);
  };
  const ffi::Error error = for_each_part(pool, members, s.n, parts, [&](const Part& part) {
    const int64_t n = part.count;
    const BackwardWeights& plan = cached<BackwardWeights>(s.key(n), [&] {
      return BackwardWeights({engine(), kDirect, s.x(n, s.type), s.any_kernel(memory::data_type::f32),
                              s.y(n, s.type), s.strides, s.before, s.after, forward_desc(s, n), own_scratch()});
    });
    memory own = in(s.kernel(), of_part(part));
    const memory::desc wanted = plan.desc.diff_weights_desc();
    memory found = wanted == own.get_desc() ? own : in(wanted, scratch(1, wanted.get_size()));
    plan.primitive.execute(
        stream(), {{DNNL_ARG_SRC, in(plan.desc.src_desc(), x.at(dkernel, part.member, part.first))},
                   {DNNL_ARG_DIFF_DST, in(plan.desc.diff_dst_desc(), dy.at(dkernel, part.member, part.first))},
                   {DNNL_ARG_DIFF_WEIGHTS, found},
                   {DNNL_ARG_SCRATCHPAD, plan.scratchpad()}});
    if (wanted != own.get_desc()) dnnl::reorder(found, own).execute(stream(), found, own);
  });
  for (int64_t member = 0; member < members; ++member)
    for (int64_t part = 1; part < parts; ++part)
      add(of_part({member, part, 0, 0}), dkernel.at(dkernel, member), size);
  return error;
}

}  // namespace

// What Python registers with XLA.
#pragma GCC visibility push(default)
#define IMAGE_HANDLER(name, function)                                                                \
  XLA_FFI_DEFINE_HANDLER_SYMBOL(name, function,                                                      \
                                ffi::Ffi::Bind()                                                     \
                                    .Ctx<ffi::ThreadPool>()                                          \
                                    .Arg<ffi::AnyBuffer>()                                           \
                                    .Arg<ffi::AnyBuffer>()                                           \
                                    .Ret<ffi::AnyBuffer>()                                           \
                                    .Attr<Ints>("strides")                                           \
                                    .Attr<Ints>("padding"))
IMAGE_HANDLER(netwright_conv_forward, forward);
IMAGE_HANDLER(netwright_conv_backward_data, backward_data);
IMAGE_HANDLER(netwright_conv_backward_weights, backward_weights);
#pragma GCC visibility pop

}  // namespace netwright
