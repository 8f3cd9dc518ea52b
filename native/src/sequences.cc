// What a recurrent layer does at its input, for every kind of cell.
#include "sequences.h"

namespace netwright {
namespace {

template <class S>
INLINE void read(const ForwardWork<S>& a, int64_t t) {
  for (int64_t i = 0, row = a.piece.reads_first; i < a.piece.reads; ++i, ++row) {
    copy(a.x(t, row), a.factors(t, row), a.inputs);
    if (t == 0) std::memset(a.factors(t, row) + a.inputs, 0, a.layer * sizeof(S));
  }
}

// dx (m, T, inputs) = dz w', from dz (T, m, columns) and w (inputs, columns). A thread takes some steps.
ffi::Error steps_backward(ffi::ThreadPool pool, Buffer dz_, Buffer w_, Result dx_) {
  const Array dz(dz_, 3), w(w_, 2), dx(*dx_, 3);
  const int64_t T = dz[0], m = dz[1], columns = dz[2], inputs = dx[2];
  const int64_t parts = part_count(dx.members(), T, pool.num_threads(), 1);
  return for_each_part(pool, dx.members(), T, parts, [&](const Part& part) {
    const Linear slope({m, columns, T * inputs}, columns, inputs, w.at(dx, part.member), Dims{1, columns}, type_of(dz));
    for (int64_t t = part.first; t < part.first + part.count; ++t)
      slope(dz.at<char>(dx, part.member, t), dx.at(dx, part.member) + t * inputs);
  });
}

}  // namespace

FOR_THIS_PROCESSOR void read_step(const ForwardWork<float>& a, int64_t t) { read(a, t); }
FOR_THIS_PROCESSOR void read_step(const ForwardWork<Half>& a, int64_t t) { read(a, t); }

#pragma GCC visibility push(default)
XLA_FFI_DEFINE_HANDLER_SYMBOL(netwright_steps_backward, steps_backward,
                              ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<Buffer>().Arg<Buffer>().Ret<Buffer>());
#pragma GCC visibility pop

}  // namespace netwright
