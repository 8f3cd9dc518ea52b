// Convolution of images (n, h, w, c) with kernels (kh, kw, c, o), plus a bias (o) if there is one, and its derivatives.
//
// Images are float32 or bfloat16, weights and biases float32; in bfloat16 the weights are rounded on the way in, products
// add up in float32 and the gradients of weights and biases leave in float32.
#include <optional>
#include <unordered_map>

#include "onednn.h"

namespace netwright {
namespace {

// The sizes of one convolution; padding is (top, bottom, left, right).
struct Shape {
  int64_t n, h, w, c, kh, kw, o, oh, ow;
  Dims strides, before, after;
  memory::data_type type, result;
  bool biased;

  Shape(const Array& x, const Array& kernel, const Array& y, Ints strides, Ints padding, const Array& factor,
        const Array& result, bool biased = false)
      : n(x[0]), h(x[1]), w(x[2]), c(x[3]), kh(kernel[0]), kw(kernel[1]), o(kernel[3]), oh(y[1]), ow(y[2]),
        strides(strides.begin(), strides.end()), before{padding[0], padding[2]}, after{padding[1], padding[3]},
        type(type_of(factor)), result(type_of(result)), biased(biased) {}

  Sizes key(int64_t rows) const {
    return {rows, h, w, c, kh, kw, o, oh, ow, strides[0], strides[1], before[0], before[1], after[0], after[1],
            static_cast<int64_t>(type), static_cast<int64_t>(result), biased};
  }
  memory::desc x(int64_t rows, memory::data_type t) const { return {{rows, c, h, w}, t, memory::format_tag::nhwc}; }
  memory::desc y(int64_t rows, memory::data_type t) const { return {{rows, o, oh, ow}, t, memory::format_tag::nhwc}; }
  memory::desc kernel() const { return {{o, c, kh, kw}, memory::data_type::f32, memory::format_tag::hwio}; }
  memory::desc bias() const { return biased ? memory::desc({o}, memory::data_type::f32, Dims{1}) : memory::desc(); }
  // In the layout and type that the primitive likes best.
  memory::desc any_kernel(memory::data_type t) const { return {{o, c, kh, kw}, t, memory::format_tag::any}; }
};

constexpr auto kDirect = dnnl::algorithm::convolution_direct;
constexpr int64_t kLeastRows = 4;

dnnl::convolution_forward::primitive_desc forward_desc(const Shape& s, int64_t rows) {
  return {engine(), dnnl::prop_kind::forward_training, kDirect, s.x(rows, s.type), s.any_kernel(s.type),
          s.bias(), s.y(rows, s.result), s.strides, s.before, s.after, own_scratch()};
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

// y = x * kernel + bias
ffi::Error forward(ffi::ThreadPool pool, ffi::AnyBuffer x_, ffi::AnyBuffer kernel_, ffi::RemainingArgs bias_,
                   ffi::Result<ffi::AnyBuffer> y_, Ints strides, Ints padding) {
  const Array x(x_, 4), kernel(kernel_, 4), y(*y_, 4);
  std::optional<Array> bias;
  if (bias_.size()) bias.emplace(bias_.get<ffi::AnyBuffer>(0).value(), 1);
  const Shape s(x, kernel, y, strides, padding, x, y, bias.has_value());
  const int64_t parts = part_count(y.members(), s.n, pool.num_threads(), kLeastRows);
  return for_each_part(pool, y.members(), s.n, parts, [&](const Part& part) {
    const Forward& plan = cached<Forward>(s.key(part.count), [&] { return Forward(forward_desc(s, part.count)); });
    const memory weights = in(s.kernel(), kernel.at(y, part.member));
    std::unordered_map<int, memory> arguments{
        {DNNL_ARG_SRC, in(plan.desc.src_desc(), x.at(y, part.member, part.first))},
        {DNNL_ARG_WEIGHTS, laid_out(weights, plan.desc.weights_desc(), 1)},
        {DNNL_ARG_DST, in(plan.desc.dst_desc(), y.at(y, part.member, part.first))},
        {DNNL_ARG_SCRATCHPAD, plan.scratchpad()}};
    if (bias) arguments.emplace(DNNL_ARG_BIAS, in(s.bias(), bias->at(y, part.member)));
    plan.primitive.execute(stream(), arguments);
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

// dkernel and dbias, from x and dy.
ffi::Error backward_weights(ffi::ThreadPool pool, ffi::AnyBuffer x_, ffi::AnyBuffer dy_,
                            ffi::Result<ffi::AnyBuffer> dkernel_, ffi::RemainingRets dbias_, Ints strides,
                            Ints padding) {
  const Array x(x_, 4), dy(dy_, 4), dkernel(*dkernel_, 4);
  std::optional<Array> dbias;
  if (dbias_.size()) dbias.emplace(*dbias_.get<ffi::AnyBuffer>(0).value(), 1);
  const Shape s(x, dkernel, dy, strides, padding, x, dkernel, dbias.has_value());
  const int64_t members = dkernel.members(), parts = part_count(members, s.n, pool.num_threads(), kLeastRows);
  PartSums kernels(dkernel, parts);
  std::optional<PartSums> biases;
  if (dbias) biases.emplace(*dbias, parts);
  const ffi::Error error = for_each_part(pool, members, s.n, parts, [&](const Part& part) {
    const int64_t n = part.count;
    const BackwardWeights& plan = cached<BackwardWeights>(s.key(n), [&] {
      return BackwardWeights({engine(), kDirect, s.x(n, s.type), s.any_kernel(memory::data_type::f32), s.bias(),
                              s.y(n, s.type), s.strides, s.before, s.after, forward_desc(s, n), own_scratch()});
    });
    memory own = in(s.kernel(), kernels.of(part.member, part.index));
    const memory::desc wanted = plan.desc.diff_weights_desc();
    memory found = wanted == own.get_desc() ? own : in(wanted, scratch(1, wanted.get_size()));
    std::unordered_map<int, memory> arguments{
        {DNNL_ARG_SRC, in(plan.desc.src_desc(), x.at(dkernel, part.member, part.first))},
        {DNNL_ARG_DIFF_DST, in(plan.desc.diff_dst_desc(), dy.at(dkernel, part.member, part.first))},
        {DNNL_ARG_DIFF_WEIGHTS, found},
        {DNNL_ARG_SCRATCHPAD, plan.scratchpad()}};
    if (biases) arguments.emplace(DNNL_ARG_DIFF_BIAS, in(s.bias(), biases->of(part.member, part.index)));
    plan.primitive.execute(stream(), arguments);
    if (wanted != own.get_desc()) dnnl::reorder(found, own).execute(stream(), found, own);
  });
  kernels.add_up();
  if (biases) biases->add_up();
  return error;
}

}  // namespace

// What Python registers with XLA.
#pragma GCC visibility push(default)
XLA_FFI_DEFINE_HANDLER_SYMBOL(netwright_conv_forward, forward,
                              ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>().Arg<ffi::AnyBuffer>()
                                  .RemainingArgs().Ret<ffi::AnyBuffer>().Attr<Ints>("strides").Attr<Ints>("padding"));
XLA_FFI_DEFINE_HANDLER_SYMBOL(netwright_conv_backward_data, backward_data,
                              ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>().Arg<ffi::AnyBuffer>()
                                  .Ret<ffi::AnyBuffer>().Attr<Ints>("strides").Attr<Ints>("padding"));
XLA_FFI_DEFINE_HANDLER_SYMBOL(netwright_conv_backward_weights, backward_weights,
                              ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>().Arg<ffi::AnyBuffer>()
                                  .Ret<ffi::AnyBuffer>().RemainingRets().Attr<Ints>("strides")
                                  .Attr<Ints>("padding"));
#pragma GCC visibility pop

}  // namespace netwright
