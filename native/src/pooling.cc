// Maximum over windows that tile an image (n, h, w, c); the slope goes to the first of equal pixels.
//
// The place of the maximum in its window, row by row, is kept for the way back in one byte. Rows and columns that fill no
// whole window are left out, and get no slope.
#include <cstring>

#include "parts.h"

namespace netwright {
namespace {

inline float widened(float x) { return x; }
inline float widened(uint16_t x) {
  const uint32_t bits = static_cast<uint32_t>(x) << 16;  // bfloat16: the upper half of a float
  float wide;
  std::memcpy(&wide, &bits, sizeof wide);
  return wide;
}

constexpr int64_t kLeastRows = 4;

struct Shape {
  int64_t h, w, c, kh, kw, oh, ow;

  // Where a window's pixel begins in the image, and the window in the result.
  int64_t pixel(int64_t i, int64_t j, int64_t place) const {
    return ((i * kh + place / kw) * w + j * kw + place % kw) * c;
  }
  int64_t window(int64_t i, int64_t j) const { return (i * ow + j) * c; }
};

// The loops over channels are innermost: neighbours in memory, compiled to vector instructions.
template <class T>
INLINE void largest(const Shape& s, const T* x, T* y, uint8_t* places) {
  for (int64_t i = 0; i < s.oh; ++i)
    for (int64_t j = 0; j < s.ow; ++j) {
      T* __restrict best = y + s.window(i, j);
      uint8_t* __restrict at = places + s.window(i, j);
      std::memcpy(best, x + s.pixel(i, j, 0), s.c * sizeof(T));
      std::memset(at, 0, s.c);
      for (int64_t place = 1; place < s.kh * s.kw; ++place) {
        const T* __restrict pixel = x + s.pixel(i, j, place);
        for (int64_t k = 0; k < s.c; ++k) {
          const float here = widened(pixel[k]);
          const bool more = here > widened(best[k]) || here != here;  // not a number stays so
          best[k] = more ? pixel[k] : best[k];
          at[k] = more ? static_cast<uint8_t>(place) : at[k];
        }
      }
    }
}

template <class T>
INLINE void spread(const Shape& s, const uint8_t* places, const T* dy, T* dx) {
  if (s.oh * s.kh < s.h || s.ow * s.kw < s.w) std::memset(dx, 0, s.h * s.w * s.c * sizeof(T));
  for (int64_t i = 0; i < s.oh; ++i)
    for (int64_t j = 0; j < s.ow; ++j) {
      const uint8_t* __restrict at = places + s.window(i, j);
      const T* __restrict slope = dy + s.window(i, j);
      for (int64_t place = 0; place < s.kh * s.kw; ++place) {
        T* __restrict pixel = dx + s.pixel(i, j, place);
        for (int64_t k = 0; k < s.c; ++k) pixel[k] = at[k] == place ? slope[k] : T{0};
      }
    }
}

FOR_THIS_PROCESSOR void largest_of(const Shape& s, const float* x, float* y, uint8_t* places) {
  largest(s, x, y, places);
}
FOR_THIS_PROCESSOR void largest_of(const Shape& s, const uint16_t* x, uint16_t* y, uint8_t* places) {
  largest(s, x, y, places);
}
FOR_THIS_PROCESSOR void spread_of(const Shape& s, const uint8_t* places, const float* dy, float* dx) {
  spread(s, places, dy, dx);
}
FOR_THIS_PROCESSOR void spread_of(const Shape& s, const uint8_t* places, const uint16_t* dy, uint16_t* dx) {
  spread(s, places, dy, dx);
}

template <class T>
ffi::Error forward_in(ffi::ThreadPool& pool, const Shape& s, const Array& x, const Array& y, const Array& places) {
  const int64_t parts = part_count(y.members(), x[0], pool.num_threads(), kLeastRows);
  return for_each_part(pool, y.members(), x[0], parts, [&](const Part& part) {
    for (int64_t row = part.first; row < part.first + part.count; ++row)
      largest_of(s, x.at<T>(y, part.member, row), y.at<T>(y, part.member, row),
                 places.at<uint8_t>(y, part.member, row));
  });
}

template <class T>
ffi::Error backward_in(ffi::ThreadPool& pool, const Shape& s, const Array& places, const Array& dy, const Array& dx) {
  const int64_t parts = part_count(dx.members(), dx[0], pool.num_threads(), kLeastRows);
  return for_each_part(pool, dx.members(), dx[0], parts, [&](const Part& part) {
    for (int64_t row = part.first; row < part.first + part.count; ++row)
      spread_of(s, places.at<uint8_t>(dx, part.member, row), dy.at<T>(dx, part.member, row),
                dx.at<T>(dx, part.member, row));
  });
}

Shape shape_of(const Array& x, const Array& y, Ints window) {
  return {x[1], x[2], x[3], window[0], window[1], y[1], y[2]};
}

ffi::Error forward(ffi::ThreadPool pool, ffi::AnyBuffer x_, ffi::Result<ffi::AnyBuffer> y_,
                   ffi::Result<ffi::AnyBuffer> places_, Ints window) {
  const Array x(x_, 4), y(*y_, 4), places(*places_, 4);
  return (x.half() ? forward_in<uint16_t> : forward_in<float>)(pool, shape_of(x, y, window), x, y, places);
}

ffi::Error backward(ffi::ThreadPool pool, ffi::AnyBuffer places_, ffi::AnyBuffer dy_, ffi::Result<ffi::AnyBuffer> dx_,
                    Ints window) {
  const Array places(places_, 4), dy(dy_, 4), dx(*dx_, 4);
  return (dx.half() ? backward_in<uint16_t> : backward_in<float>)(pool, shape_of(dx, dy, window), places, dy, dx);
}

}  // namespace

#pragma GCC visibility push(default)
XLA_FFI_DEFINE_HANDLER_SYMBOL(netwright_pool_forward, forward,
                              ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>()
                                  .Ret<ffi::AnyBuffer>().Attr<Ints>("window"));
XLA_FFI_DEFINE_HANDLER_SYMBOL(netwright_pool_backward, backward,
                              ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>().Arg<ffi::AnyBuffer>()
                                  .Ret<ffi::AnyBuffer>().Attr<Ints>("window"));
#pragma GCC visibility pop

}  // namespace netwright
