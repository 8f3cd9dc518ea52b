// Products of matrices (rows, inner) by (inner, columns), by oneDNN: factors of one type, results in float32.
#pragma once

#include <unordered_map>

#include "onednn.h"

namespace netwright {

constexpr auto kFloat = memory::data_type::f32;

struct Product {
  dnnl::matmul::primitive_desc desc;
  dnnl::matmul primitive;

  static const Product& of(const memory::desc& a, const memory::desc& b, const memory::desc& c, const Sizes& key) {
    return cached<Product>(key, [&] {
      dnnl::matmul::primitive_desc desc(engine(), a, b, c, own_scratch());
      return Product{desc, dnnl::matmul(desc)};
    });
  }
  void operator()(memory a, memory b, memory c) const {
    const memory::desc room = desc.scratchpad_desc();
    primitive.execute(stream(), {{DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_DST, c},
                                 {DNNL_ARG_SCRATCHPAD, in(room, scratch(0, room.get_size()))}});
  }
};

// x -> x w for `rows` rows. w (from, to) lies in float32 with these strides and is packed once.
class Linear {
 public:
  struct Rows {
    int64_t count, from_stride, to_stride;  // numbers from one row to the next, of x and of the result
  };

  Linear(const Rows& rows, int64_t from, int64_t to, const float* w, const Dims& strides, memory::data_type type) {
    const memory::desc a({rows.count, from}, type, Dims{rows.from_stride, 1});
    const memory::desc b({from, to}, type, memory::format_tag::any);
    const memory::desc c({rows.count, to}, kFloat, Dims{rows.to_stride, 1});
    const Sizes key{0, rows.count, from, to, rows.from_stride, rows.to_stride, static_cast<int64_t>(type)};
    product_ = &Product::of(a, b, c, key);
    x_ = in(a, nullptr), result_ = in(c, nullptr);
    const memory::desc packed = product_->desc.weights_desc(), room = product_->desc.scratchpad_desc();
    packed_ = Memory(packed.get_size()), room_ = Memory(room.get_size());
    memory given = in({{from, to}, kFloat, strides}, w), own = in(packed, packed_.data());
    dnnl::reorder(given, own).execute(stream(), given, own);
    arguments_ = {{DNNL_ARG_SRC, x_}, {DNNL_ARG_WEIGHTS, own}, {DNNL_ARG_DST, result_},
                  {DNNL_ARG_SCRATCHPAD, in(room, room_.data())}};
  }
  void operator()(const void* x, float* result) const {
    x_.set_data_handle(const_cast<void*>(x));
    result_.set_data_handle(result);
    product_->primitive.execute(stream(), arguments_);
  }

 private:
  const Product* product_;
  Memory packed_, room_;
  memory x_, result_;  // the same handles as among the arguments, which are made once
  std::unordered_map<int, memory> arguments_;
};

// The slopes of two kernels, dw = x' dz and du = h' dr, summed over all steps: the rows of `factors` are [x, h]. A thread
// takes some columns of both.
inline ffi::Error kernel_slopes(ffi::ThreadPool& pool, const Array& factors, const Array& dz, const Array& dr,
                                const Array& dw, const Array& du) {
  const int64_t rows = dz[0] * dz[1], width = factors[2], columns = dz[2];
  const auto type = type_of(factors);
  const int64_t parts = part_count(dw.members(), columns, pool.num_threads(), 64);
  return for_each_part(pool, dw.members(), columns, parts, [&](const Part& part) {
    const auto size = memory::data_type_size(type);
    const auto slope = [&](const Array& result, int64_t first, const Array& slopes) {
      const memory::desc a({result[0], rows}, type, Dims{1, width}), b({rows, part.count}, type, Dims{columns, 1});
      const memory::desc c({result[0], part.count}, kFloat, Dims{columns, 1});
      const Sizes key{1, result[0], rows, part.count, width, columns, static_cast<int64_t>(type)};
      Product::of(a, b, c, key)(in(a, factors.at<char>(dw, part.member) + first * size),
                                in(b, slopes.at<char>(dw, part.member) + part.first * size),
                                in(c, result.at(dw, part.member) + part.first));
    };
    slope(dw, 0, dz);
    slope(du, dw[0], dr);
  });
}

}  // namespace netwright
