// What the LSTM and the GRU share of a step: a cell is one sequence at one step.
//
// What stays between forward and back is of type S, float32 or, with bfloat16 products, bfloat16: time-major arrays
// (T, m, width), of which a step is one block. What a layer takes and gives is (m, T, width). A row of `factors` is
// [x[t], h[t-1]]: the left sides of a step's products and of the slopes of both kernels.
#pragma once

#include "lanes.h"

namespace netwright {

// One member's numbers of a sequence at a step.
template <class T>
struct Grid {
  T* data;
  int64_t by_step, by_sequence;
  T* operator()(int64_t t, int64_t sequence) const { return data + t * by_step + sequence * by_sequence; }
};
template <class T>
Grid<T> time_major(const Array& array, const Array& all, int64_t member) {
  return {array.at<T>(all, member), array[1] * array[2], array[2]};
}
template <class T>
Grid<T> batch_major(const Array& array, const Array& all, int64_t member) {
  return {array.at<T>(all, member), array[2], array[1] * array[2]};
}
inline Grid<const bool> mask(const Array& real, const Array& all, int64_t member) {
  return {real.at<const bool>(all, member), 1, real[1]};
}

// Some units of one sequence at one step. In what belongs to the layer gates are `layer` numbers apart, in a worker's own
// `units`. A step that is not real carries the state through.
template <class S>
struct Ahead {
  int64_t layer, units;
  bool real;
  const float *z, *r;          // own: x[t] w and h[t-1] u
  const float *bias, *before;  // h[t-1]
  float *state, *h;            // own: whatever else the cell carries; h[t]
  S *kept, *next;              // for the way back; h[t] among the next step's factors
};
template <class S>
struct Back {
  int64_t layer, units;
  bool real;
  const S *kept, *kept_before;       // of this step and the one before it
  const float *before, *slope;       // h[t-1], and what comes to h[t] from the loss
  float *through, *carried, *state;  // own: what comes to h[t] through u and past it, and to whatever else is carried
  S *dz, *dr;
  float* db;
};

// What a worker does: some sequences, all units; or, where the kernels are too large for the cache of a thread, all
// sequences, some units. It reads x for sequences of its own in either case.
struct Piece {
  int64_t member, first, count, unit, units, reads_first, reads;
};

template <class S>
struct ForwardWork {
  Piece piece;
  int64_t inputs, layer;
  Grid<const bool> real;
  Grid<const float> x;
  const float* bias;
  Grid<float> h;
  Grid<S> factors, kept;
  float *z, *r, *state, *zero;
  S* unused;  // where the last step's state goes as the next one's factor
};
template <class S>
struct BackwardWork {
  Piece piece;
  int64_t layer;
  Grid<const bool> real;
  Grid<const float> h, slope;
  Grid<const S> kept;
  Grid<S> dz, dr;
  float *through, *carried, *state, *zero, *db;
  const S* nothing;
};

template <class Cell, class S>
INLINE void step_of(const ForwardWork<S>& a, int64_t t, bool last) {
  const int64_t unit = a.piece.unit, units = a.piece.units;
  for (int64_t i = 0, row = a.piece.first; i < a.piece.count; ++i, ++row)
    Cell::ahead(Ahead<S>{a.layer, units, *a.real(t, row), a.z + i * Cell::kGates * units,
                         a.r + i * Cell::kGates * units, a.bias + unit, t ? a.h(t - 1, row) + unit : a.zero,
                         a.state + i * units, a.h(t, row) + unit, a.kept(t, row) + unit,
                         last ? a.unused : a.factors(t + 1, row) + a.inputs + unit});
}
template <class Cell, class S>
INLINE void step_of(const BackwardWork<S>& a, int64_t t) {
  const int64_t unit = a.piece.unit, units = a.piece.units;
  for (int64_t i = 0, row = a.piece.first; i < a.piece.count; ++i, ++row)
    Cell::back(Back<S>{a.layer, units, *a.real(t, row), a.kept(t, row) + unit,
                       t ? a.kept(t - 1, row) + unit : a.nothing, t ? a.h(t - 1, row) + unit : a.zero,
                       a.slope(t, row) + unit, a.through + i * units, a.carried + i * units, a.state + i * units,
                       a.dz(t, row) + unit, a.dr(t, row) + unit, a.db + unit});
}

// The same, compiled for this processor.
template <class S>
using ForwardStep = void (*)(const ForwardWork<S>&, int64_t t, bool last);
template <class S>
using BackwardStep = void (*)(const BackwardWork<S>&, int64_t t);

// x[t] and, at first, a state of zero among a step's factors.
void read_step(const ForwardWork<float>&, int64_t t);
void read_step(const ForwardWork<Half>&, int64_t t);

}  // namespace netwright
