// A long short-term memory over a whole sequence, and its derivative; gates in the order i, f, g, o.
#include "sequences.h"

namespace netwright {
namespace {

// The state is c. Kept are the shares of i, f, g and o, and c.
struct Lstm {
  static constexpr int64_t kGates = 4;

  template <class S>
  INLINE static void ahead(const Ahead<S>& at) {
    const int64_t n = at.layer;
    for (int64_t k = 0; k < at.units; k += kLanes) {
      const int64_t w = std::min(kLanes, at.units - k);
      const auto sum = [&](int64_t gate) INLINED {
        const int64_t j = gate * at.units + k;
        return load(at.z + j, w) + load(at.r + j, w) + load(at.bias + gate * n + k, w);
      };
      const Share i = Share::of(sum(0)), f = Share::of(sum(1)), g = Share::of(2.0f * sum(2)), o = Share::of(sum(3));
      const Lanes held = load(at.state + k, w);
      const Lanes c = at.real ? f.is * held + i.is * g.centred() : held;
      const Lanes h = at.real ? o.is * tanh_of(c) : load(at.before + k, w);
      store(at.kept + k, i.code(), w), store(at.kept + n + k, f.code(), w);
      store(at.kept + 2 * n + k, g.code(), w), store(at.kept + 3 * n + k, o.code(), w);
      store(at.kept + 4 * n + k, c, w), store(at.state + k, c, w);
      store(at.h + k, h, w), store(at.next + k, h, w);
    }
  }

  template <class S>
  INLINE static void back(const Back<S>& at) {
    const int64_t n = at.layer;
    for (int64_t k = 0; k < at.units; k += kLanes) {
      const int64_t w = std::min(kLanes, at.units - k);
      const auto share = [&](int64_t gate) INLINED { return Share::kept(load(at.kept + gate * n + k, w)); };
      const Share i = share(0), f = share(1), g = share(2), o = share(3);
      const Lanes bent = tanh_of(load(at.kept + 4 * n + k, w)), held = load(at.kept_before + 4 * n + k, w);
      const Lanes dh = load(at.carried + k, w) + load(at.through + k, w) + load(at.slope + k, w);
      const Lanes real_dh = at.real ? dh : Lanes{};
      const Lanes dc = load(at.state + k, w) + real_dh * o.is * (1.0f - bent * bent);
      const Lanes real_dc = at.real ? dc : Lanes{};
      const auto put = [&](int64_t gate, Lanes dz) INLINED {
        const int64_t j = gate * n + k;
        store(at.dz + j, dz, w), store(at.db + j, load(at.db + j, w) + dz, w);
      };
      put(0, real_dc * g.centred() * i.slope());
      put(1, real_dc * held * f.slope());
      put(2, real_dc * i.is * (4.0f * g.slope()));
      put(3, real_dh * bent * o.slope());
      store(at.state + k, at.real ? dc * f.is : dc, w);
      store(at.carried + k, at.real ? Lanes{} : dh, w);
    }
  }
};

FOR_THIS_PROCESSOR void step32(const ForwardWork<float>& a, int64_t t, bool last) { step_of<Lstm>(a, t, last); }
FOR_THIS_PROCESSOR void step16(const ForwardWork<Half>& a, int64_t t, bool last) { step_of<Lstm>(a, t, last); }
FOR_THIS_PROCESSOR void back32(const BackwardWork<float>& a, int64_t t) { step_of<Lstm>(a, t); }
FOR_THIS_PROCESSOR void back16(const BackwardWork<Half>& a, int64_t t) { step_of<Lstm>(a, t); }

ffi::Error lstm_forward(ffi::ThreadPool pool, Buffer x, Buffer w, Buffer u, Buffer b, Buffer real, Result h,
                        Result factors, Result kept) {
  const ForwardArrays a{{x, 3}, {w, 2}, {u, 2}, {b, 1}, {real, 2}, {*h, 3}, {*factors, 3}, {*kept, 3}};
  return a.kept.half() ? forward<Half>(pool, a, step16) : forward<float>(pool, a, step32);
}

ffi::Error lstm_backward(ffi::ThreadPool pool, Buffer u, Buffer real, Buffer factors, Buffer kept, Buffer h,
                         Buffer slope, Result dz, Result dw, Result du, Result db) {
  const BackwardArrays a{{u, 2},     {real, 2}, {factors, 3}, {kept, 3}, {h, 3}, {slope, 3},
                         {*dz, 3}, {*dz, 3}, {*dw, 2},     {*du, 2}, {*db, 1}};
  return a.kept.half() ? backward<Half>(pool, a, back16) : backward<float>(pool, a, back32);
}

}  // namespace

#pragma GCC visibility push(default)
XLA_FFI_DEFINE_HANDLER_SYMBOL(netwright_lstm_forward, lstm_forward,
                              ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<Buffer>().Arg<Buffer>().Arg<Buffer>()
                                  .Arg<Buffer>().Arg<Buffer>().Ret<Buffer>().Ret<Buffer>().Ret<Buffer>());
XLA_FFI_DEFINE_HANDLER_SYMBOL(netwright_lstm_backward, lstm_backward,
                              ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<Buffer>().Arg<Buffer>().Arg<Buffer>()
                                  .Arg<Buffer>().Arg<Buffer>().Arg<Buffer>().Ret<Buffer>().Ret<Buffer>()
                                  .Ret<Buffer>().Ret<Buffer>());
#pragma GCC visibility pop

}  // namespace netwright
