// Maximum over windows that tile an image (n, h, w, c); the slope goes to the first of equal pixels.
//
// Rows and columns that fill no whole window are left out, and get no slope.
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
};

// The loops over channels are innermost: neighbours in memory, compiled to vector instructions.
template <class T>
INLINE void largest(const Shape& s, const T* x, T* y) {
  for (int64_t i = 0; i < s.oh; ++i)
    for (int64_t j = 0; j < s.ow; ++j) {
      T* __restrict best = y + (i * s.ow + j) * s.c;
      for (int64_t u = 0; u < s.kh; ++u)
        for (int64_t v = 0; v < s.kw; ++v) {
          const T* __restrict pixel = x + ((i * s.kh + u) * s.w + j * s.kw + v) * s.c;
          if (u == 0 && v == 0)
            std::memcpy(best, pixel, s.c * sizeof(T));
          else
            for (int64_t k = 0; k < s.c; ++k) {
              const float here = widened(pixel[k]);
              best[k] = here > widened(best[k]) || here != here ? pixel[k] : best[k];  // not a number stays so
            }
        }
    }
}

// Where the arrays of one image begin.
template <class T>
struct Slopes {
  const T *x, *y, *dy;
  T* dx;
  Slopes(const Array& x, const Array& y, const Array& dy, const Array& dx, int64_t member, int64_t row)
      : x(x.at<T>(dx, member, row)), y(y.at<T>(dx, member, row)), dy(dy.at<T>(dx, member, row)),
        dx(dx.at<T>(dx, member, row)) {}
};

template <class T>
INLINE void spread(const Shape& s, const Slopes<T>& image, T* __restrict left) {
  if (s.oh * s.kh < s.h || s.ow * s.kw < s.w) std::memset(image.dx, 0, s.h * s.w * s.c * sizeof(T));
  for (int64_t i = 0; i < s.oh; ++i)
    for (int64_t j = 0; j < s.ow; ++j) {
      const T* __restrict best = image.y + (i * s.ow + j) * s.c;
      std::memcpy(left, image.dy + (i * s.ow + j) * s.c, s.c * sizeof(T));  // what is still to be left away
      for (int64_t u = 0; u < s.kh; ++u)
        for (int64_t v = 0; v < s.kw; ++v) {
          const int64_t at = ((i * s.kh + u) * s.w + j * s.kw + v) * s.c;
          const T* __restrict pixel = image.x + at;
          T* __restrict slope = image.dx + at;
          for (int64_t k = 0; k < s.c; ++k) {
            const bool here = widened(pixel[k]) == widened(best[k]);
            slope[k] = here ? left[k] : T{0};
            left[k] = here ? T{0} : left[k];
          }
        }
    }
}

FOR_THIS_PROCESSOR void largest32(const Shape& s, const float* x, float* y) { largest(s, x, y); }
FOR_THIS_PROCESSOR void largest16(const Shape& s, const uint16_t* x, uint16_t* y) { largest(s, x, y); }
FOR_THIS_PROCESSOR void spread32(const Shape& s, const Slopes<float>& image, float* left) { spread(s, image, left); }
FOR_THIS_PROCESSOR void spread16(const Shape& s, const Slopes<uint16_t>& image, uint16_t* left) {
  spread(s, image, left);
}

Shape shape_of(const Array& x, const Array& y, Ints window) {
  return {x[1], x[2], x[3], window[0], window[1], y[1], y[2]};
}

ffi::Error forward(ffi::ThreadPool pool, ffi::AnyBuffer x_, ffi::Result<ffi::AnyBuffer> y_, Ints window) {
  const Array x(x_, 4), y(*y_, 4);
  const Shape s = shape_of(x, y, window);
  const int64_t parts = part_count(y.members(), x[0], pool.num_threads(), kLeastRows);
  return for_each_part(pool, y.members(), x[0], parts, [&](const Part& part) {
    for (int64_t row = part.first; row < part.first + part.count; ++row)
      if (x.half())
        largest16(s, x.at<uint16_t>(y, part.member, row), y.at<uint16_t>(y, part.member, row));
      else
        largest32(s, x.at(y, part.member, row), y.at(y, part.member, row));
  });
}

ffi::Error backward(ffi::ThreadPool pool, ffi::AnyBuffer x_, ffi::AnyBuffer y_, ffi::AnyBuffer dy_,
                    ffi::Result<ffi::AnyBuffer> dx_, Ints window) {
  const Array x(x_, 4), y(y_, 4), dy(dy_, 4), dx(*dx_, 4);
  const Shape s = shape_of(x, y, window);
  const int64_t parts = part_count(dx.members(), x[0], pool.num_threads(), kLeastRows);
  return for_each_part(pool, dx.members(), x[0], parts, [&](const Part& part) {
    void* left = scratch(0, s.c * sizeof(float));
    for (int64_t row = part.first; row < part.first + part.count; ++row)
      if (x.half())
        spread16(s, Slopes<uint16_t>(x, y, dy, dx, part.member, row), static_cast<uint16_t*>(left));
      else
        spread32(s, Slopes<float>(x, y, dy, dx, part.member, row), static_cast<float*>(left));
  });
}

}  // namespace

#pragma GCC visibility push(default)
XLA_FFI_DEFINE_HANDLER_SYMBOL(
    netwright_pool_forward, forward,
    ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>().Attr<Ints>("window"));
XLA_FFI_DEFINE_HANDLER_SYMBOL(netwright_pool_backward, backward,
                              ffi::Ffi::Bind()
                                  .Ctx<ffi::ThreadPool>()
                                  .Arg<ffi::AnyBuffer>()
                                  .Arg<ffi::AnyBuffer>()
                                  .Arg<ffi::AnyBuffer>()
                                  .Ret<ffi::AnyBuffer>()
                                  .Attr<Ints>("window"));
#pragma GCC visibility pop

}  // namespace netwright
