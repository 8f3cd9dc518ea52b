// A gated recurrent unit over a whole sequence, and its derivative; gates in the order update, reset, new. The reset
// gate acts after the product: new = tanh(x w + b + reset (h u + b')).
#include "sequences.h"

namespace netwright {
namespace {

// There is no state besides h. Kept are the shares of update, reset and new, and past = h u + b' of new.
struct Gru {
  static constexpr int64_t kGates = 3;

  template <class S>
  INLINE static void ahead(const Ahead<S>& at) {
    const int64_t n = at.layer;
    for (int64_t k = 0; k < at.units; k += kLanes) {
      const int64_t w = std::min(kLanes, at.units - k);
      const auto of_x = [&](int64_t gate) INLINED {
        return load(at.z + gate * at.units + k, w) + load(at.bias + gate * n + k, w);
      };
      const auto of_h = [&](int64_t gate) INLINED { return load(at.r + gate * at.units + k, w); };
      const Share update = Share::of(of_x(0) + of_h(0)), reset = Share::of(of_x(1) + of_h(1));
      const Lanes past = of_h(2) + load(at.bias + 3 * n + k, w), held = load(at.before + k, w);
      const Share fresh = Share::of(2.0f * (of_x(2) + reset.is * past));
      const Lanes h = at.real ? update.lacks * fresh.centred() + update.is * held : held;
      store(at.kept + k, update.code(), w), store(at.kept + n + k, reset.code(), w);
      store(at.kept + 2 * n + k, fresh.code(), w), store(at.kept + 3 * n + k, past, w);
      store(at.h + k, h, w), store(at.next + k, h, w);
    }
  }

  template <class S>
  INLINE static void back(const Back<S>& at) {
    const int64_t n = at.layer;
    for (int64_t k = 0; k < at.units; k += kLanes) {
      const int64_t w = std::min(kLanes, at.units - k);
      const auto share = [&](int64_t gate) INLINED { return Share::kept(load(at.kept + gate * n + k, w)); };
      const Share update = share(0), reset = share(1), fresh = share(2);
      const Lanes past = load(at.kept + 3 * n + k, w), held = load(at.before + k, w);
      const Lanes dh = load(at.carried + k, w) + load(at.through + k, w) + load(at.slope + k, w);
      const Lanes real_dh = at.real ? dh : Lanes{};
      const Lanes d_fresh = real_dh * update.lacks * (4.0f * fresh.slope());
      const auto put = [&](int64_t gate, Lanes dz, Lanes dr) INLINED {
        const int64_t j = gate * n + k;
        store(at.dz + j, dz, w), store(at.dr + j, dr, w), store(at.db + j, load(at.db + j, w) + dz, w);
      };
      const Lanes d_update = real_dh * (held - fresh.centred()) * update.slope();
      const Lanes d_reset = d_fresh * past * reset.slope(), d_past = d_fresh * reset.is;
      put(0, d_update, d_update);
      put(1, d_reset, d_reset);
      put(2, d_fresh, d_past);
      store(at.db + 3 * n + k, load(at.db + 3 * n + k, w) + d_past, w);
      store(at.carried + k, at.real ? dh * update.is : dh, w);
    }
  }
};

FOR_THIS_PROCESSOR void step32(const ForwardWork<float>& a, int64_t t, bool last) { step_of<Gru>(a, t, last); }
FOR_THIS_PROCESSOR void step16(const ForwardWork<Half>& a, int64_t t, bool last) { step_of<Gru>(a, t, last); }
FOR_THIS_PROCESSOR void back32(const BackwardWork<float>& a, int64_t t) { step_of<Gru>(a, t); }
FOR_THIS_PROCESSOR void back16(const BackwardWork<Half>& a, int64_t t) { step_of<Gru>(a, t); }

ffi::Error gru_forward(ffi::ThreadPool pool, Buffer x, Buffer w, Buffer u, Buffer b, Buffer real, Result h,
                       Result factors, Result kept) {
  const ForwardArrays a{{x, 3}, {w, 2}, {u, 2}, {b, 1}, {real, 2}, {*h, 3}, {*factors, 3}, {*kept, 3}};
  return a.kept.half() ? forward<Half>(pool, a, step16) : forward<float>(pool, a, step32);
}

ffi::Error gru_backward(ffi::ThreadPool pool, Buffer u, Buffer real, Buffer factors, Buffer kept, Buffer h,
                        Buffer slope, Result dz, Result dr, Result dw, Result du, Result db) {
  const BackwardArrays a{{u, 2},   {real, 2}, {factors, 3}, {kept, 3}, {h, 3},  {slope, 3},
                         {*dz, 3}, {*dr, 3},  {*dw, 2},     {*du, 2},  {*db, 1}};
  return a.kept.half() ? backward<Half>(pool, a, back16) : backward<float>(pool, a, back32);
}

}  // namespace

#pragma GCC visibility push(default)
XLA_FFI_DEFINE_HANDLER_SYMBOL(netwright_gru_forward, gru_forward,
                              ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<Buffer>().Arg<Buffer>().Arg<Buffer>()
                                  .Arg<Buffer>().Arg<Buffer>().Ret<Buffer>().Ret<Buffer>().Ret<Buffer>());
XLA_FFI_DEFINE_HANDLER_SYMBOL(netwright_gru_backward, gru_backward,
                              ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<Buffer>().Arg<Buffer>().Arg<Buffer>()
                                  .Arg<Buffer>().Arg<Buffer>().Arg<Buffer>().Ret<Buffer>().Ret<Buffer>()
                                  .Ret<Buffer>().Ret<Buffer>().Ret<Buffer>());
#pragma GCC visibility pop

}  // namespace netwright
