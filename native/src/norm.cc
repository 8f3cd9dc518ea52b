// Batch normalization of images (n, h, w, c), with what is added to it and the clip after it:
//
//   y = g((x - mean) scale / sqrt(variance + epsilon) + bias + skip),   g(z) = max(z, 0) or z
//
// `real` (n) is 1 for a row and 0 for padding, which is normalized, too, but has no part in mean and variance. Such a step
// waits for memory: images are read twice forwards and twice back, and g(z) is not kept where z can be had again from x.
// Channels are a multiple of sixteen.
#include <cmath>
#include <optional>

#include "lanes.h"

namespace netwright {
namespace {

constexpr int64_t kLeastRows = 4, kBlockBytes = 16384;

enum class After { kNothing, kClip, kSkipAndClip };

// Calls work(first pixel, pixels, first channel) for every block of an image that stays in a core's nearest cache.
template <class T, class Work>
INLINE void for_each_block(int64_t pixels, int64_t channels, Work work) {
  const int64_t most = std::max<int64_t>(1, kBlockBytes / (channels * static_cast<int64_t>(sizeof(T))));
  for (int64_t first = 0; first < pixels; first += most)
    for (int64_t k = 0; k < channels; k += kLanes) work(first, std::min(most, pixels - first), k);
}

// term(0) + ... + term(count - 1), in four sums that do not wait for each other.
template <class Term>
INLINE Lanes summed(int64_t count, Term term) {
  Lanes sums[4] = {};
  int64_t p = 0;
  for (; p + 4 <= count; p += 4)
    for (int64_t i = 0; i < 4; ++i) sums[i] += term(p + i);
  for (; p < count; ++p) sums[0] += term(p);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

// How many pixels, and by channel their mean and the sum of the squared distances from it.
struct Moments {
  double count = 0;
  float *mean, *squares;

  Moments(float* both, int64_t channels) : mean(both), squares(both + channels) {}

  // Chan et al. (1979): no square of a large mean is ever subtracted from another.
  INLINE void join(double others, Lanes their_mean, Lanes their_squares, int64_t k) {
    const Lanes here = load(mean + k, kLanes), distance = their_mean - here;
    const float share = static_cast<float>(others / (count + others));
    store(mean + k, here + distance * share, kLanes);
    const Lanes between = distance * distance * (share * static_cast<float>(count));
    store(squares + k, load(squares + k, kLanes) + their_squares + between, kLanes);
  }
};

template <class T>
INLINE void look_at(const T* image, int64_t pixels, int64_t c, Moments& seen) {
  for_each_block<T>(pixels, c, [&](int64_t first, int64_t count, int64_t k) INLINED {
    const T* x = image + first * c + k;
    const Lanes mean = summed(count, [&](int64_t p) INLINED { return load(x + p * c, kLanes); }) / static_cast<float>(count);
    const Lanes squares = summed(count, [&](int64_t p) INLINED {
      const Lanes distance = load(x + p * c, kLanes) - mean;
      return distance * distance;
    });
    seen.join(static_cast<double>(count), mean, squares, k);
    if (k + kLanes >= c) seen.count += static_cast<double>(count);
  });
}

// By channel: z = (x - mean) slope + bias.
struct Line {
  const float *mean, *slope, *bias;
};

template <class T, After after>
INLINE void put_through(const T* x, const T* skip, const Line& line, int64_t pixels, int64_t c, T* y) {
  for_each_block<T>(pixels, c, [&](int64_t first, int64_t count, int64_t k) INLINED {
    const Lanes mean = load(line.mean + k, kLanes), slope = load(line.slope + k, kLanes), bias = load(line.bias + k, kLanes);
    for (int64_t at = first * c + k; at < (first + count) * c; at += c) {
      Lanes z = (load(x + at, kLanes) - mean) * slope + bias;
      if constexpr (after == After::kSkipAndClip) z += load(skip + at, kLanes);
      if constexpr (after != After::kNothing) z = z < 0.0f ? Lanes{} : z;  // not a number stays so
      store(y + at, z, kLanes);
    }
  });
}

// What is needed of one image on the way back, and where its slopes go.
template <class T>
struct Slopes {
  const T *x, *y, *dy;
  T *dx, *dskip;
};

// The slope of z: that of y where nothing was clipped away.
template <class T, After after>
struct Unclipped {
  const Slopes<T>& image;
  Lanes mean, slope, bias;
  Unclipped(const Slopes<T>& image, const Line& line, int64_t k)
      : image(image), mean(load(line.mean + k, kLanes)), slope(load(line.slope + k, kLanes)),
        bias(load(line.bias + k, kLanes)) {}
  INLINE Lanes operator()(int64_t at, Lanes x) const {
    const Lanes dy = load(image.dy + at, kLanes);
    if constexpr (after == After::kSkipAndClip) return load(image.y + at, kLanes) > 0.0f ? dy : Lanes{};
    if constexpr (after == After::kClip) return (x - mean) * slope + bias > 0.0f ? dy : Lanes{};
    return dy;
  }
};

// Adds up, by channel, dz and dz (x - mean); leaves dz as the slope of what was added.
template <class T, After after>
INLINE void add_slopes(const Slopes<T>& image, const Line& line, int64_t pixels, int64_t c, float* plain, float* centred) {
  for_each_block<T>(pixels, c, [&](int64_t first, int64_t count, int64_t k) INLINED {
    const Unclipped<T, after> unclipped(image, line, k);
    Lanes sums[2] = {};
    for (int64_t at = first * c + k; at < (first + count) * c; at += c) {
      const Lanes x = load(image.x + at, kLanes), dz = unclipped(at, x);
      if constexpr (after == After::kSkipAndClip) store(image.dskip + at, dz, kLanes);
      sums[0] += dz;
      sums[1] += dz * (x - unclipped.mean);
    }
    store(plain + k, load(plain + k, kLanes) + sums[0], kLanes);
    store(centred + k, load(centred + k, kLanes) + sums[1], kLanes);
  });
}

// dx = slope dz - level - tilt (x - mean)
template <class T, After after>
INLINE void slope_back(const Slopes<T>& image, const Line& line, const float* level, const float* tilt, int64_t pixels,
                       int64_t c) {
  for_each_block<T>(pixels, c, [&](int64_t first, int64_t count, int64_t k) INLINED {
    const Unclipped<T, after> unclipped(image, line, k);
    const Lanes down = load(level + k, kLanes), aslant = load(tilt + k, kLanes);
    for (int64_t at = first * c + k; at < (first + count) * c; at += c) {
      const Lanes x = load(image.x + at, kLanes);
      Lanes dz;
      if constexpr (after == After::kSkipAndClip)
        dz = load(image.dskip + at, kLanes);
      else
        dz = unclipped(at, x);
      store(image.dx + at, unclipped.slope * dz - down - aslant * (x - unclipped.mean), kLanes);
    }
  });
}

// The loops above by the type of the images and by what comes after, compiled for this processor.
template <class T>
struct Loops {
  using Look = void(const T*, int64_t, int64_t, Moments&);
  using Put = void(const T*, const T*, const Line&, int64_t, int64_t, T*);
  using Add = void(const Slopes<T>&, const Line&, int64_t, int64_t, float*, float*);
  using Back = void(const Slopes<T>&, const Line&, const float*, const float*, int64_t, int64_t);
  Look* look;
  Put* put[3];
  Add* add[3];
  Back* back[3];
};

#define LOOPS_OF(T, AFTER)                                                                                          \
  FOR_THIS_PROCESSOR void put_##T##AFTER(const T* x, const T* skip, const Line& line, int64_t n, int64_t c, T* y) { \
    put_through<T, After::AFTER>(x, skip, line, n, c, y);                                                           \
  }                                                                                                                 \
  FOR_THIS_PROCESSOR void add_##T##AFTER(const Slopes<T>& image, const Line& line, int64_t n, int64_t c, float* a,  \
                                         float* b) {                                                                \
    add_slopes<T, After::AFTER>(image, line, n, c, a, b);                                                           \
  }                                                                                                                 \
  FOR_THIS_PROCESSOR void back_##T##AFTER(const Slopes<T>& image, const Line& line, const float* level,             \
                                          const float* tilt, int64_t n, int64_t c) {                                \
    slope_back<T, After::AFTER>(image, line, level, tilt, n, c);                                                    \
  }
#define ALL_LOOPS_OF(T)                                                                             \
  FOR_THIS_PROCESSOR void look_##T(const T* x, int64_t n, int64_t c, Moments& m) { look_at(x, n, c, m); } \
  LOOPS_OF(T, kNothing)                                                                             \
  LOOPS_OF(T, kClip)                                                                                \
  LOOPS_OF(T, kSkipAndClip)                                                                         \
  const Loops<T> loops_##T{look_##T,                                                                \
                           {put_##T##kNothing, put_##T##kClip, put_##T##kSkipAndClip},              \
                           {add_##T##kNothing, add_##T##kClip, add_##T##kSkipAndClip},              \
                           {back_##T##kNothing, back_##T##kClip, back_##T##kSkipAndClip}};
ALL_LOOPS_OF(float)
ALL_LOOPS_OF(Half)

template <class T>
const Loops<T>& loops();
template <>
const Loops<float>& loops() { return loops_float; }
template <>
const Loops<Half>& loops() { return loops_Half; }

// An image is real, or it is padding.
bool counts(const Array& real, const Array& all, int64_t member, int64_t row) {
  return *real.at(all, member, row) > 0.0f;
}

void put_slopes(const float* scale, const float* variance, float epsilon, int64_t c, float* slope) {
  for (int64_t k = 0; k < c; ++k) slope[k] = scale[k] / std::sqrt(variance[k] + epsilon);
}

template <class T>
ffi::Error forward_of(ffi::ThreadPool& pool, const Array& x, const Array& scale, const Array& bias, const Array& real,
                      const Array* skip, const Array& y, const Array& mean, const Array& variance, float epsilon, After after) {
  const int64_t pixels = x[1] * x[2], c = x[3], members = y.members();
  const int64_t parts = part_count(members, x[0], pool.num_threads(), kLeastRows);
  std::vector<float> room(members * parts * 2 * c);
  std::vector<Moments> seen;
  for (int64_t i = 0; i < members * parts; ++i) seen.emplace_back(room.data() + i * 2 * c, c);
  ffi::Error error = for_each_part(pool, members, x[0], parts, [&](const Part& part) {
    for (int64_t row = part.first; row < part.first + part.count; ++row)
      if (counts(real, y, part.member, row))
        loops<T>().look(x.at<T>(y, part.member, row), pixels, c, seen[part.member * parts + part.index]);
  });
  if (error.failure()) return error;
  std::vector<float> slopes(members * c);
  for (int64_t member = 0; member < members; ++member) {
    Moments& all = seen[member * parts];
    for (int64_t i = 1; i < parts; ++i) {
      const Moments& other = seen[member * parts + i];
      if (other.count == 0) continue;
      for (int64_t k = 0; k < c; k += kLanes)
        all.join(other.count, load(other.mean + k, kLanes), load(other.squares + k, kLanes), k);
      all.count += other.count;
    }
    float *m = mean.at(y, member), *v = variance.at(y, member);
    for (int64_t k = 0; k < c; ++k) {
      m[k] = all.mean[k];
      v[k] = all.count > 0 ? static_cast<float>(all.squares[k] / all.count) : 0.0f;
    }
    put_slopes(scale.at(y, member), v, epsilon, c, slopes.data() + member * c);
  }
  return for_each_part(pool, members, x[0], parts, [&](const Part& part) {
    const Line line{mean.at(y, part.member), slopes.data() + part.member * c, bias.at(y, part.member)};
    for (int64_t row = part.first; row < part.first + part.count; ++row)
      loops<T>().put[static_cast<int>(after)](x.at<T>(y, part.member, row),
                                              skip ? skip->at<T>(y, part.member, row) : nullptr, line, pixels, c,
                                              y.at<T>(y, part.member, row));
  });
}

template <class T>
ffi::Error backward_of(ffi::ThreadPool& pool, const Array& x, const Array* y, const Array& dy, const Array& scale,
                       const Array& bias, const Array& mean, const Array& variance, const Array& real, const Array& dx,
                       const Array& dscale, const Array& dbias, const Array* dskip, float epsilon, After after) {
  const int64_t pixels = x[1] * x[2], c = x[3], members = dx.members();
  const int64_t parts = part_count(members, x[0], pool.num_threads(), kLeastRows);
  std::vector<float> slopes(members * c), levels(members * c), tilts(members * c);
  for (int64_t member = 0; member < members; ++member) {
    put_slopes(scale.at(dx, member), variance.at(dx, member), epsilon, c, slopes.data() + member * c);
    std::fill_n(dscale.at(dx, member), c, 0.0f), std::fill_n(dbias.at(dx, member), c, 0.0f);
  }
  const auto line = [&](int64_t member) {
    return Line{mean.at(dx, member), slopes.data() + member * c, bias.at(dx, member)};
  };
  const auto image = [&](int64_t member, int64_t row) {
    return Slopes<T>{x.at<T>(dx, member, row), y ? y->at<T>(dx, member, row) : nullptr, dy.at<T>(dx, member, row),
                     dx.at<T>(dx, member, row), dskip ? dskip->at<T>(dx, member, row) : nullptr};
  };
  PartSums plain(dbias, parts), centred(dscale, parts);
  ffi::Error error = for_each_part(pool, members, x[0], parts, [&](const Part& part) {
    for (int64_t row = part.first; row < part.first + part.count; ++row)
      loops<T>().add[static_cast<int>(after)](image(part.member, row), line(part.member), pixels, c,
                                              plain.of(part.member, part.index), centred.of(part.member, part.index));
  });
  if (error.failure()) return error;
  plain.add_up(), centred.add_up();
  for (int64_t member = 0; member < members; ++member) {
    double count = 0;
    for (int64_t row = 0; row < x[0]; ++row) count += counts(real, dx, member, row) ? static_cast<double>(pixels) : 0.0;
    const float share = count > 0 ? static_cast<float>(1 / count) : 0.0f;
    float *sum = dbias.at(dx, member), *along = dscale.at(dx, member);
    for (int64_t k = 0; k < c; ++k) {
      const float inverse = 1.0f / std::sqrt(variance.at(dx, member)[k] + epsilon), slope = slopes[member * c + k];
      levels[member * c + k] = slope * sum[k] * share;
      tilts[member * c + k] = slope * inverse * inverse * along[k] * share;
      along[k] *= inverse;
    }
  }
  const std::vector<float> none(c);
  return for_each_part(pool, members, x[0], parts, [&](const Part& part) {
    const float *levels_ = levels.data() + part.member * c, *tilts_ = tilts.data() + part.member * c;
    for (int64_t row = part.first; row < part.first + part.count; ++row) {
      const bool real_row = counts(real, dx, part.member, row);
      loops<T>().back[static_cast<int>(after)](image(part.member, row), line(part.member),
                                               real_row ? levels_ : none.data(), real_row ? tilts_ : none.data(), pixels, c);
    }
  });
}

After after_of(bool clip, bool skip) {
  return skip ? After::kSkipAndClip : clip ? After::kClip : After::kNothing;
}

using Buffer = ffi::AnyBuffer;
using Result = ffi::Result<ffi::AnyBuffer>;

// One more operand: what is added.
ffi::Error forward(ffi::ThreadPool pool, Buffer x_, Buffer scale, Buffer bias, Buffer real, ffi::RemainingArgs skip_, Result y,
                   Result mean, Result variance, float epsilon, bool clip) {
  const Array x(x_, 4);
  std::optional<Array> skip;
  if (skip_.size()) skip.emplace(skip_.get<Buffer>(0).value(), 4);
  return (x.half() ? forward_of<Half> : forward_of<float>)(pool, x, {scale, 1}, {bias, 1}, {real, 1},
                                                           skip ? &*skip : nullptr, {*y, 4}, {*mean, 1}, {*variance, 1},
                                                           epsilon, after_of(clip, skip.has_value()));
}

// Where something was added, y is one more operand and the slope of what was added one more result.
ffi::Error backward(ffi::ThreadPool pool, Buffer x_, Buffer dy, Buffer scale, Buffer bias, Buffer mean, Buffer variance,
                    Buffer real, ffi::RemainingArgs y_, Result dx, Result dscale, Result dbias, ffi::RemainingRets dskip_,
                    float epsilon, bool clip) {
  const Array x(x_, 4);
  std::optional<Array> y, dskip;
  if (y_.size()) y.emplace(y_.get<Buffer>(0).value(), 4), dskip.emplace(*dskip_.get<Buffer>(0).value(), 4);
  return (x.half() ? backward_of<Half> : backward_of<float>)(
      pool, x, y ? &*y : nullptr, {dy, 4}, {scale, 1}, {bias, 1}, {mean, 1}, {variance, 1}, {real, 1}, {*dx, 4},
      {*dscale, 1}, {*dbias, 1}, dskip ? &*dskip : nullptr, epsilon, after_of(clip, y.has_value()));
}

}  // namespace

#pragma GCC visibility push(default)
XLA_FFI_DEFINE_HANDLER_SYMBOL(netwright_norm_forward, forward,
                              ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<Buffer>().Arg<Buffer>().Arg<Buffer>()
                                  .Arg<Buffer>().RemainingArgs().Ret<Buffer>().Ret<Buffer>().Ret<Buffer>()
                                  .Attr<float>("epsilon").Attr<bool>("clip"));
XLA_FFI_DEFINE_HANDLER_SYMBOL(netwright_norm_backward, backward,
                              ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<Buffer>().Arg<Buffer>().Arg<Buffer>()
                                  .Arg<Buffer>().Arg<Buffer>().Arg<Buffer>().Arg<Buffer>().RemainingArgs()
                                  .Ret<Buffer>().Ret<Buffer>().Ret<Buffer>().RemainingRets().Attr<float>("epsilon")
                                  .Attr<bool>("clip"));
#pragma GCC visibility pop

}  // namespace netwright
