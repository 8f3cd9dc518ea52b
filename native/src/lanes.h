// Numbers sixteen at a time: loads and stores of float32 and bfloat16, and the curves of gates.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "parts.h"

namespace netwright {

// A bfloat16: the upper half of a float's bits.
using Half = uint16_t;

// Sixteen floats; the compiler maps them onto whatever vector registers the processor has.
constexpr int64_t kLanes = 16;
typedef float Lanes __attribute__((vector_size(kLanes * sizeof(float))));
typedef int32_t Words __attribute__((vector_size(kLanes * sizeof(int32_t))));
typedef uint32_t Bits __attribute__((vector_size(kLanes * sizeof(uint32_t))));
typedef Half Halves __attribute__((vector_size(kLanes * sizeof(Half))));

// `lanes` of them, sixteen or, at the end of a row, fewer.
template <class Vector, class T>
INLINE Vector taken(const T* from, int64_t lanes) {
  Vector x{};
  if (lanes == kLanes)
    std::memcpy(&x, from, sizeof x);
  else
    std::memcpy(&x, from, lanes * sizeof(T));
  return x;
}
template <class Vector, class T>
INLINE void put(T* to, Vector x, int64_t lanes) {
  if (lanes == kLanes)
    std::memcpy(to, &x, sizeof x);
  else
    std::memcpy(to, &x, lanes * sizeof(T));
}

INLINE Lanes load(const float* from, int64_t lanes) { return taken<Lanes>(from, lanes); }
INLINE Lanes load(const Half* from, int64_t lanes) {
  return reinterpret_cast<Lanes>(__builtin_convertvector(taken<Halves>(from, lanes), Bits) << 16);
}
INLINE void store(float* to, Lanes x, int64_t lanes) { put(to, x, lanes); }
// Rounded to the nearest, ties to even.
INLINE void store(Half* to, Lanes x, int64_t lanes) {
  const Bits bits = reinterpret_cast<Bits>(x);
  put(to, __builtin_convertvector((bits + 0x7fff + ((bits >> 16) & 1)) >> 16, Halves), lanes);
}

template <class From, class To>
INLINE void copy(const From* from, To* to, int64_t count) {
  for (int64_t k = 0; k < count; k += kLanes) {
    const int64_t w = std::min(kLanes, count - k);
    store(to + k, load(from + k, w), w);
  }
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
INLINE Lanes tanh_of(Lanes x) { return 1.0f - 2.0f / (1.0f + exp_of(2.0f * x)); }

// A share s = 1 / (1 + e^-x) in (0, 1), with 1 - s. What is kept of it is the smaller of the two, 1 - s with a minus:
// bfloat16 tells numbers near nought apart, and near one it does not.
struct Share {
  Lanes is, lacks;

  INLINE static Share of(Lanes x) {
    const Lanes e = exp_of(-x), is = 1.0f / (1.0f + e);
    return {is, e * is};
  }
  INLINE static Share kept(Lanes code) {
    const Lanes less = code < 0.0f ? -code : code, more = 1.0f - less;
    return {code < 0.0f ? more : less, code < 0.0f ? less : more};
  }
  INLINE Lanes code() const { return is > 0.5f ? -lacks : is; }
  INLINE Lanes slope() const { return is * lacks; }            // of the share, by x
  INLINE Lanes centred() const { return is - lacks; }          // tanh(x / 2), of slope 2 slope()
};

}  // namespace netwright
