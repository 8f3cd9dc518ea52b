// What the LSTM and the GRU share in time: workers that take a cell through all steps, forward and back.
#pragma once

#include <optional>

#include "products.h"
#include "steps.h"

namespace netwright {

struct ForwardArrays {
  Array x, w, u, b, real, h, factors, kept;
};
struct BackwardArrays {
  Array u, real, factors, kept, h, slope, dz, dr, dw, du, db;
};

template <class S>
class ForwardWorker {
 public:
  ForwardWorker(const ForwardArrays& a, const Piece& piece, ForwardStep<S> step) : step_(step), last_(a.x[1] - 1) {
    const int64_t n = a.h[2], inputs = a.x[2], columns = a.u[1], rows = piece.count;
    const bool whole = piece.units == n;
    const int64_t wide = whole ? columns : piece.units, own = columns / n * piece.units;
    own_ = Memory((2 * rows * own + rows * piece.units + 2 * piece.units) * sizeof(float));
    float* z = static_cast<float*>(std::memset(own_.data(), 0, own_.size()));
    float *r = z + rows * own, *state = r + rows * own, *zero = state + rows * piece.units;
    const int64_t member = piece.member;
    const auto at = [&](const Array& array) { return array.at(a.h, member); };
    work_ = {piece, inputs, n, mask(a.real, a.h, member), batch_major<const float>(a.x, a.h, member), at(a.b),
             batch_major<float>(a.h, a.h, member), time_major<S>(a.factors, a.h, member),
             time_major<S>(a.kept, a.h, member), z, r, state, zero, reinterpret_cast<S*>(zero + piece.units)};
    const Linear::Rows each{rows, inputs + n, own};
    for (int64_t column = piece.unit; column < columns; column += whole ? columns : n) {
      of_x_.emplace_back(each, inputs, wide, at(a.w) + column, Dims{columns, 1}, type_of(a.kept));
      of_h_.emplace_back(each, n, wide, at(a.u) + column, Dims{columns, 1}, type_of(a.kept));
    }
    read_step(work_, 0);
  }

  void operator()(int64_t t) const {
    const S* x = work_.factors(t, work_.piece.first);
    for (size_t i = 0; i < of_x_.size(); ++i) {
      of_x_[i](x, work_.z + i * work_.piece.units);
      if (t) of_h_[i](x + work_.inputs, work_.r + i * work_.piece.units);
    }
    step_(work_, t, t == last_);
    if (t < last_) read_step(work_, t + 1);
  }

 private:
  ForwardStep<S> step_;
  int64_t last_;
  Memory own_;
  ForwardWork<S> work_;
  std::vector<Linear> of_x_, of_h_;  // one for all gates, or one for each
};

template <class S>
class BackwardWorker {
 public:
  BackwardWorker(const BackwardArrays& a, const Piece& piece, BackwardStep<S> step, float* db)
      : step_(step), last_(a.dz[0] - 1),
        through_({piece.count, a.dz[2], piece.units}, a.u[1], piece.units,
                 a.u.at(a.dz, piece.member) + piece.unit * a.u[1], Dims{1, a.u[1]}, type_of(a.kept)) {
    const int64_t n = a.h[2], states = piece.count * piece.units, member = piece.member;
    own_ = Memory((3 * states + piece.units + a.kept[2]) * sizeof(float));
    float* through = static_cast<float*>(std::memset(own_.data(), 0, own_.size()));
    float* zero = through + 3 * states;
    work_ = {piece, n, mask(a.real, a.dz, member), batch_major<const float>(a.h, a.dz, member),
             batch_major<const float>(a.slope, a.dz, member), time_major<const S>(a.kept, a.dz, member),
             time_major<S>(a.dz, a.dz, member), time_major<S>(a.dr, a.dz, member), through, through + states,
             through + 2 * states, zero, db, reinterpret_cast<S*>(zero + piece.units)};
    for (int64_t j = piece.unit; j < a.db[0]; j += n) std::memset(db + j, 0, piece.units * sizeof(float));
  }

  void operator()(int64_t back) const {
    const int64_t t = last_ - back;
    if (t < last_) through_(work_.dr(t + 1, work_.piece.first), work_.through);
    step_(work_, t);
  }

 private:
  BackwardStep<S> step_;
  int64_t last_;
  Linear through_;
  Memory own_;
  BackwardWork<S> work_;
};

// How the work on `rows` sequences is split, with a recurrent kernel u in numbers of `bytes`.
class Split {
 public:
  Split(ffi::ThreadPool& pool, int64_t members, int64_t rows, const Array& u, int64_t bytes)
      : pool_(pool), members_(members), rows_(rows), units_(u[0]),
        by_units_(u.size() * bytes > kCache && rows < kManySequences),
        parts_(by_units_ ? part_count(members, units_, pool.num_threads(), kLeastUnits)
                         : part_count(members, rows, pool.num_threads(), kLeastSequences)) {}

  // How many workers add to the same biases' slopes.
  int64_t sharers() const { return by_units_ ? 1 : parts_; }

  // Makes the workers and takes them through all steps: each at its own pace, or, where a step needs the states of all
  // units before it, together.
  template <class Worker>
  ffi::Error run(int64_t steps, const std::function<Worker(const Piece&, int64_t sharer)>& make) const {
    std::vector<std::optional<Worker>> workers(members_ * parts_);
    const auto each = [&](const std::function<void(const Part&, std::optional<Worker>&)>& work) {
      return for_each_part(pool_, members_, by_units_ ? units_ : rows_, parts_, [&](const Part& part) {
        work(part, workers[part.member * parts_ + part.index]);
      });
    };
    ffi::Error error = each([&](const Part& part, std::optional<Worker>& worker) {
      worker.emplace(make(piece(part), by_units_ ? 0 : part.index));
      for (int64_t step = 0; step < steps && !by_units_; ++step) (*worker)(step);
    });
    for (int64_t step = 0; step < steps && by_units_ && error.success(); ++step)
      error = each([&](const Part&, std::optional<Worker>& worker) { (*worker)(step); });
    return error;
  }

 private:
  static constexpr int64_t kLeastSequences = 4, kLeastUnits = 64, kManySequences = 128;
  static constexpr int64_t kCache = 1 << 20;  // of one thread alone

  Piece piece(const Part& part) const {
    if (!by_units_) return {part.member, part.first, part.count, 0, units_, part.first, part.count};
    const int64_t first = rows_ * part.index / parts_, end = rows_ * (part.index + 1) / parts_;
    return {part.member, 0, rows_, part.first, part.count, first, end - first};
  }

  ffi::ThreadPool& pool_;
  int64_t members_, rows_, units_;
  bool by_units_;
  int64_t parts_;
};

template <class S>
ffi::Error forward(ffi::ThreadPool& pool, const ForwardArrays& a, ForwardStep<S> step) {
  const Split split(pool, a.h.members(), a.x[0], a.u, sizeof(S));
  return split.run<ForwardWorker<S>>(a.x[1], [&](const Piece& piece, int64_t) {
    return ForwardWorker<S>(a, piece, step);
  });
}

template <class S>
ffi::Error backward(ffi::ThreadPool& pool, const BackwardArrays& a, BackwardStep<S> step) {
  const Split split(pool, a.dz.members(), a.dz[1], a.u, sizeof(S));
  PartSums db(a.db, split.sharers());
  const ffi::Error error = split.run<BackwardWorker<S>>(a.dz[0], [&](const Piece& piece, int64_t sharer) {
    return BackwardWorker<S>(a, piece, step, db.of(piece.member, sharer));
  });
  if (error.failure()) return error;
  db.add_up();
  return kernel_slopes(pool, a.factors, a.dz, a.dr, a.dw, a.du);
}

using Buffer = ffi::AnyBuffer;
using Result = ffi::Result<ffi::AnyBuffer>;

}  // namespace netwright
