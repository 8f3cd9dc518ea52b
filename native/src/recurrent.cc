// What an LSTM and a GRU do in time, and its derivative. Arrays are time-major: (T, m, ...).
//
// Each thread takes some sequences of the batch through all their steps: threads meet only at the end. A step is one
// product with the recurrent kernel, packed once, and one pass over the gates. With `mixed` the product's factors are
// rounded to bfloat16; everything else is float32.
#include <cstring>

#include "onednn.h"

namespace netwright {
namespace {

// Sixteen floats; the compiler maps them onto whatever vector registers the processor has.
constexpr int64_t kLanes = 16;
typedef float Lanes __attribute__((vector_size(kLanes * sizeof(float))));
typedef int32_t Words __attribute__((vector_size(kLanes * sizeof(int32_t))));

INLINE Lanes load(const float* from, int64_t lanes) {
  Lanes x{};
  if (lanes == kLanes)
    std::memcpy(&x, from, sizeof x);
  else
    std::memcpy(&x, from, lanes * sizeof(float));
  return x;
}
INLINE void store(float* to, Lanes x, int64_t lanes) {
  if (lanes == kLanes)
    std::memcpy(to, &x, sizeof x);
  else
    std::memcpy(to, &x, lanes * sizeof(float));
}

// e^x = 2^n e^r with |r| <= ln(2)/2, and a polynomial for e^r (Cephes' expf). Not a number stays so.
INLINE Lanes exp_of(Lanes x) {
  x = x < -87.0f ? Lanes{} - 87.0f : x;
  x = x > 87.0f ? Lanes{} + 87.0f : x;
  const Lanes n = (x * 1.44269504f + 12582912.0f) - 12582912.0f;  // to the nearest whole number
  const Lanes r = x - n * 0.693359375f + n * 2.12194440e-4f;
  Lanes p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  return p * reinterpret_cast<Lanes>((__builtin_convertvector(n, Words) + 127) << 23);
}
INLINE Lanes sigmoid(Lanes x) { return 1.0f / (1.0f + exp_of(-x)); }
INLINE Lanes tanh_of(Lanes x) { return 1.0f - 2.0f / (1.0f + exp_of(2.0f * x)); }

// Rounded to the nearest bfloat16, ties to even.
FOR_THIS_PROCESSOR void round_all(const float* __restrict from, uint16_t* __restrict to, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    uint32_t bits;
    std::memcpy(&bits, &from[i], sizeof bits);
    to[i] = static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
  }
}

// The cells: one sequence at one step. r is h[t-1] u; a step that is not real carries the state through. Back, `dh` is
// the slope of h[t] that comes from later steps and becomes the slope of h[t-1] but for `dr` u', which is added to it
// afterwards; `slope` is the loss's own slope of h[t].

FOR_THIS_PROCESSOR void lstm_step(int64_t n, bool real, const float* z, const float* r, const float* h_before,
                                  const float* c_before, float* gates, float* c, float* h) {
  for (int64_t k = 0; k < n; k += kLanes) {
    const int64_t w = std::min(kLanes, n - k);
    const Lanes i = sigmoid(load(z + k, w) + load(r + k, w));
    const Lanes f = sigmoid(load(z + n + k, w) + load(r + n + k, w));
    const Lanes g = tanh_of(load(z + 2 * n + k, w) + load(r + 2 * n + k, w));
    const Lanes o = sigmoid(load(z + 3 * n + k, w) + load(r + 3 * n + k, w));
    const Lanes held = load(c_before + k, w), next = f * held + i * g;
    store(gates + k, i, w), store(gates + n + k, f, w), store(gates + 2 * n + k, g, w), store(gates + 3 * n + k, o, w);
    store(c + k, real ? next : held, w);
    store(h + k, real ? o * tanh_of(next) : load(h_before + k, w), w);
  }
}

FOR_THIS_PROCESSOR void lstm_step_back(int64_t n, bool real, const float* gates, const float* c, const float* c_before,
                                       const float* slope, float* dh, float* dc, float* dz) {
  const float on = real ? 1.0f : 0.0f;
  for (int64_t k = 0; k < n; k += kLanes) {
    const int64_t w = std::min(kLanes, n - k);
    const Lanes i = load(gates + k, w), f = load(gates + n + k, w), g = load(gates + 2 * n + k, w);
    const Lanes o = load(gates + 3 * n + k, w), bent = tanh_of(load(c + k, w));
    const Lanes at_h = load(dh + k, w) + load(slope + k, w);
    const Lanes at_c = load(dc + k, w) + on * at_h * o * (1.0f - bent * bent);
    store(dz + k, on * at_c * g * i * (1.0f - i), w);
    store(dz + n + k, on * at_c * load(c_before + k, w) * f * (1.0f - f), w);
    store(dz + 2 * n + k, on * at_c * i * (1.0f - g * g), w);
    store(dz + 3 * n + k, on * at_h * bent * o * (1.0f - o), w);
    store(dc + k, real ? at_c * f : at_c, w);
    store(dh + k, real ? Lanes{} : at_h, w);
  }
}

// gates: update, reset, new, and the recurrent product of new before the reset.
FOR_THIS_PROCESSOR void gru_step(int64_t n, bool real, const float* z, const float* r, const float* b,
                                 const float* h_before, float* gates, float* h) {
  for (int64_t k = 0; k < n; k += kLanes) {
    const int64_t w = std::min(kLanes, n - k);
    const Lanes update = sigmoid(load(z + k, w) + load(r + k, w));
    const Lanes reset = sigmoid(load(z + n + k, w) + load(r + n + k, w));
    const Lanes past = load(r + 2 * n + k, w) + load(b + k, w);
    const Lanes fresh = tanh_of(load(z + 2 * n + k, w) + reset * past), held = load(h_before + k, w);
    store(gates + k, update, w), store(gates + n + k, reset, w);
    store(gates + 2 * n + k, fresh, w), store(gates + 3 * n + k, past, w);
    store(h + k, real ? fresh + update * (held - fresh) : held, w);
  }
}

FOR_THIS_PROCESSOR void gru_step_back(int64_t n, bool real, const float* gates, const float* h_before,
                                      const float* slope, float* dh, float* dz, float* dr) {
  const float on = real ? 1.0f : 0.0f;
  for (int64_t k = 0; k < n; k += kLanes) {
    const int64_t w = std::min(kLanes, n - k);
    const Lanes update = load(gates + k, w), reset = load(gates + n + k, w), fresh = load(gates + 2 * n + k, w);
    const Lanes at_h = load(dh + k, w) + load(slope + k, w);
    const Lanes at_fresh = on * at_h * (1.0f - update) * (1.0f - fresh * fresh);
    const Lanes at_update = on * at_h * (load(h_before + k, w) - fresh) * update * (1.0f - update);
    const Lanes at_reset = at_fresh * load(gates + 3 * n + k, w) * reset * (1.0f - reset);
    store(dz + k, at_update, w), store(dz + n + k, at_reset, w), store(dz + 2 * n + k, at_fresh, w);
    store(dr + k, at_update, w), store(dr + n + k, at_reset, w), store(dr + 2 * n + k, at_fresh * reset, w);
    store(dh + k, real ? at_h * update : at_h, w);
  }
}

// A product a b of oneDNN, (rows, inner) by (inner, columns), with the layouts of its factors.
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

constexpr auto kFloat = memory::data_type::f32;
constexpr auto kHalf = memory::data_type::bf16;

// h -> h u for `rows` sequences, u (inner, columns) packed once; `turned`: h -> h u' of the same u.
class Recurrence {
 public:
  Recurrence(int64_t rows, int64_t inner, int64_t columns, const float* u, bool turned, bool mixed)
      : count_(rows * (turned ? columns : inner)), mixed_(mixed) {
    const int64_t from = turned ? columns : inner, to = turned ? inner : columns;
    const memory::desc given({from, to}, kFloat, turned ? Dims{1, columns} : Dims{columns, 1});
    const auto type = mixed ? kHalf : kFloat;
    const memory::desc a({rows, from}, type, Dims{from, 1}), b({from, to}, type, memory::format_tag::any);
    const memory::desc c({rows, to}, kFloat, Dims{to, 1});
    product_ = &Product::of(a, b, c, {0, rows, from, to, turned, mixed});
    packed_ = laid_out(in(given, u), product_->desc.weights_desc(), 1);
  }
  void operator()(const float* h, float* result) const {
    const void* factor = h;
    if (mixed_) {
      uint16_t* low = static_cast<uint16_t*>(scratch(2, count_ * sizeof(uint16_t)));
      round_all(h, low, count_);
      factor = low;
    }
    (*product_)(in(product_->desc.src_desc(), factor), packed_, in(product_->desc.dst_desc(), result));
  }

 private:
  int64_t count_;
  bool mixed_;
  const Product* product_;
  memory packed_;
};

// du = sum over t of h[t-1]' dr[t], of one member after another: rows of h (steps, n) with those of dr (steps, columns).
// A thread takes some columns, and adds up all steps.
ffi::Error kernel_slope(ffi::ThreadPool& pool, const Array& h, const Array& dr, const Array& du, bool mixed) {
  const int64_t m = h[1], n = h[2], columns = dr[2], steps = (h[0] - 1) * m;
  const auto type = mixed ? kHalf : kFloat;
  const int64_t parts = part_count(1, columns, pool.num_threads(), 64);
  for (int64_t member = 0; member < du.members(); ++member) {
    if (steps == 0) {
      std::memset(du.at(du, member), 0, n * columns * sizeof(float));
      continue;
    }
    const float *rows = h.at(du, member), *slopes = dr.at(du, member, 1);
    const void *left = rows, *right = slopes;
    if (mixed) {
      uint16_t* low = static_cast<uint16_t*>(scratch(3, steps * (n + columns) * sizeof(uint16_t)));
      left = low, right = low + steps * n;
      const ffi::Error error = for_each_part(pool, 1, steps, parts, [&](const Part& part) {
        round_all(rows + part.first * n, low + part.first * n, part.count * n);
        round_all(slopes + part.first * columns, low + steps * n + part.first * columns, part.count * columns);
      });
      if (error.failure()) return error;
    }
    const ffi::Error error = for_each_part(pool, 1, columns, parts, [&](const Part& part) {
      const memory::desc a({n, steps}, type, Dims{1, n}), b({steps, part.count}, type, Dims{columns, 1});
      const memory::desc c({n, part.count}, kFloat, Dims{columns, 1});
      const size_t from = part.first * (mixed ? sizeof(uint16_t) : sizeof(float));
      Product::of(a, b, c, {1, n, steps, part.count, columns, mixed})(
          in(a, left), in(b, static_cast<const char*>(right) + from), in(c, du.at(du, member) + part.first));
    });
    if (error.failure()) return error;
  }
  return ffi::Error::Success();
}

// States of zero before the first step, and `count` buffers of as many numbers, all zero.
float* zeros(int64_t numbers, int count) {
  void* data = scratch(4, numbers * count * sizeof(float));
  return static_cast<float*>(std::memset(data, 0, numbers * count * sizeof(float)));
}

// The arrays (T, m, width) of one member: where a sequence's numbers at a step begin.
struct Steps {
  float* data;
  int64_t m, width;
  Steps(const Array& array, const Array& all, int64_t member)
      : data(array.at(all, member)), m(array[1]), width(array[2]) {}
  float* operator()(int64_t t, int64_t row) const { return data + (t * m + row) * width; }
};

constexpr int64_t kLeastSequences = 4;
using Buffer = ffi::AnyBuffer;
using Result = ffi::Result<ffi::AnyBuffer>;

ffi::Error lstm_forward(ffi::ThreadPool pool, Buffer z_, Buffer u_, Buffer real_, Result h_, Result gates_, Result c_,
                        bool mixed) {
  const Array z_all(z_, 3), u(u_, 2), real_all(real_, 2), h_all(*h_, 3), gates_all(*gates_, 3), c_all(*c_, 3);
  const int64_t T = h_all[0], m = h_all[1], n = h_all[2], members = h_all.members();
  const int64_t parts = part_count(members, m, pool.num_threads(), kLeastSequences);
  return for_each_part(pool, members, m, parts, [&](const Part& part) {
    const Steps z(z_all, h_all, part.member), h(h_all, h_all, part.member), gates(gates_all, h_all, part.member),
        c(c_all, h_all, part.member);
    const bool* real = real_all.at<bool>(h_all, part.member);
    const Recurrence recurrence(part.count, n, 4 * n, u.at(h_all, part.member), false, mixed);
    const float* zero = zeros(part.count * n, 1);
    float* r = static_cast<float*>(scratch(5, part.count * 4 * n * sizeof(float)));
    for (int64_t t = 0; t < T; ++t) {
      recurrence(t ? h(t - 1, part.first) : zero, r);
      for (int64_t i = 0, row = part.first; i < part.count; ++i, ++row)
        lstm_step(n, real[t * m + row], z(t, row), r + i * 4 * n, t ? h(t - 1, row) : zero, t ? c(t - 1, row) : zero,
                  gates(t, row), c(t, row), h(t, row));
    }
  });
}

ffi::Error lstm_backward(ffi::ThreadPool pool, Buffer u_, Buffer real_, Buffer h_, Buffer gates_, Buffer c_,
                         Buffer slope_, Result dz_, Result du_, bool mixed) {
  const Array u(u_, 2), real_all(real_, 2), h_all(h_, 3), gates_all(gates_, 3), c_all(c_, 3), slope_all(slope_, 3);
  const Array dz_all(*dz_, 3), du(*du_, 2);
  const int64_t T = h_all[0], m = h_all[1], n = h_all[2], members = dz_all.members();
  const int64_t parts = part_count(members, m, pool.num_threads(), kLeastSequences);
  const ffi::Error error = for_each_part(pool, members, m, parts, [&](const Part& part) {
    const Steps gates(gates_all, dz_all, part.member), c(c_all, dz_all, part.member),
        slope(slope_all, dz_all, part.member), dz(dz_all, dz_all, part.member);
    const bool* real = real_all.at<bool>(dz_all, part.member);
    const Recurrence recurrence(part.count, n, 4 * n, u.at(dz_all, part.member), true, mixed);
    const int64_t states = part.count * n;
    float *zero = zeros(states, 3), *dh = zero + states, *dc = dh + states;
    float* back = static_cast<float*>(scratch(5, states * sizeof(float)));
    for (int64_t t = T - 1; t >= 0; --t) {
      for (int64_t i = 0, row = part.first; i < part.count; ++i, ++row)
        lstm_step_back(n, real[t * m + row], gates(t, row), c(t, row), t ? c(t - 1, row) : zero, slope(t, row),
                       dh + i * n, dc + i * n, dz(t, row));
      if (t == 0) break;
      recurrence(dz(t, part.first), back);
      add(back, dh, states);
    }
  });
  return error.failure() ? error : kernel_slope(pool, h_all, dz_all, du, mixed);
}

ffi::Error gru_forward(ffi::ThreadPool pool, Buffer z_, Buffer u_, Buffer b_, Buffer real_, Result h_, Result gates_,
                       bool mixed) {
  const Array z_all(z_, 3), u(u_, 2), b(b_, 1), real_all(real_, 2), h_all(*h_, 3), gates_all(*gates_, 3);
  const int64_t T = h_all[0], m = h_all[1], n = h_all[2], members = h_all.members();
  const int64_t parts = part_count(members, m, pool.num_threads(), kLeastSequences);
  return for_each_part(pool, members, m, parts, [&](const Part& part) {
    const Steps z(z_all, h_all, part.member), h(h_all, h_all, part.member), gates(gates_all, h_all, part.member);
    const bool* real = real_all.at<bool>(h_all, part.member);
    const Recurrence recurrence(part.count, n, 3 * n, u.at(h_all, part.member), false, mixed);
    const float* zero = zeros(part.count * n, 1);
    float* r = static_cast<float*>(scratch(5, part.count * 3 * n * sizeof(float)));
    for (int64_t t = 0; t < T; ++t) {
      recurrence(t ? h(t - 1, part.first) : zero, r);
      for (int64_t i = 0, row = part.first; i < part.count; ++i, ++row)
        gru_step(n, real[t * m + row], z(t, row), r + i * 3 * n, b.at(h_all, part.member),
                 t ? h(t - 1, row) : zero, gates(t, row), h(t, row));
    }
  });
}

ffi::Error gru_backward(ffi::ThreadPool pool, Buffer u_, Buffer real_, Buffer h_, Buffer gates_, Buffer slope_,
                        Result dz_, Result dr_, Result du_, bool mixed) {
  const Array u(u_, 2), real_all(real_, 2), h_all(h_, 3), gates_all(gates_, 3), slope_all(slope_, 3);
  const Array dz_all(*dz_, 3), dr_all(*dr_, 3), du(*du_, 2);
  const int64_t T = h_all[0], m = h_all[1], n = h_all[2], members = dz_all.members();
  const int64_t parts = part_count(members, m, pool.num_threads(), kLeastSequences);
  const ffi::Error error = for_each_part(pool, members, m, parts, [&](const Part& part) {
    const Steps h(h_all, dz_all, part.member), gates(gates_all, dz_all, part.member),
        slope(slope_all, dz_all, part.member), dz(dz_all, dz_all, part.member), dr(dr_all, dz_all, part.member);
    const bool* real = real_all.at<bool>(dz_all, part.member);
    const Recurrence recurrence(part.count, n, 3 * n, u.at(dz_all, part.member), true, mixed);
    const int64_t states = part.count * n;
    float *zero = zeros(states, 2), *dh = zero + states;
    float* back = static_cast<float*>(scratch(5, states * sizeof(float)));
    for (int64_t t = T - 1; t >= 0; --t) {
      for (int64_t i = 0, row = part.first; i < part.count; ++i, ++row)
        gru_step_back(n, real[t * m + row], gates(t, row), t ? h(t - 1, row) : zero, slope(t, row), dh + i * n,
                      dz(t, row), dr(t, row));
      if (t == 0) break;
      recurrence(dr(t, part.first), back);
      add(back, dh, states);
    }
  });
  return error.failure() ? error : kernel_slope(pool, h_all, dr_all, du, mixed);
}

}  // namespace

#pragma GCC visibility push(default)
XLA_FFI_DEFINE_HANDLER_SYMBOL(netwright_lstm_forward, lstm_forward,
                              ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<Buffer>().Arg<Buffer>().Arg<Buffer>()
                                  .Ret<Buffer>().Ret<Buffer>().Ret<Buffer>().Attr<bool>("mixed"));
XLA_FFI_DEFINE_HANDLER_SYMBOL(netwright_lstm_backward, lstm_backward,
                              ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<Buffer>().Arg<Buffer>().Arg<Buffer>()
                                  .Arg<Buffer>().Arg<Buffer>().Arg<Buffer>().Ret<Buffer>().Ret<Buffer>()
                                  .Attr<bool>("mixed"));
XLA_FFI_DEFINE_HANDLER_SYMBOL(netwright_gru_forward, gru_forward,
                              ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<Buffer>().Arg<Buffer>().Arg<Buffer>()
                                  .Arg<Buffer>().Ret<Buffer>().Ret<Buffer>().Attr<bool>("mixed"));
XLA_FFI_DEFINE_HANDLER_SYMBOL(netwright_gru_backward, gru_backward,
                              ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<Buffer>().Arg<Buffer>().Arg<Buffer>()
                                  .Arg<Buffer>().Arg<Buffer>().Ret<Buffer>().Ret<Buffer>().Ret<Buffer>()
                                  .Attr<bool>("mixed"));
#pragma GCC visibility pop

}  // namespace netwright
