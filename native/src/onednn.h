// What every kernel needs of oneDNN: an engine, a stream per thread, primitives kept by shape.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "oneapi/dnnl/dnnl.hpp"
#include "parts.h"

namespace netwright {

using dnnl::memory;
using Dims = memory::dims;

inline const dnnl::engine& engine() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

inline dnnl::stream& stream() {
  thread_local dnnl::stream here(engine());
  return here;
}

// Descriptors and primitives ask for their scratch memory, so that one primitive can run in many threads.
inline dnnl::primitive_attr own_scratch() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

// The plan for a key; made once in the process, by the first who asks.
template <class Plan, class Make>
const Plan& cached(const Sizes& key, Make make) {
  static std::mutex mutex;
  static std::map<Sizes, std::unique_ptr<Plan>> plans;
  std::lock_guard<std::mutex> lock(mutex);
  std::unique_ptr<Plan>& plan = plans[key];
  if (!plan) plan = std::make_unique<Plan>(make());
  return *plan;
}

inline memory::data_type type_of(const Array& array) {
  return array.half() ? memory::data_type::bf16 : memory::data_type::f32;
}

inline memory in(const memory::desc& desc, const void* data) {
  return memory(desc, engine(), const_cast<void*>(data));
}

// `from` in the layout `wanted`: itself where it has it already, else a copy in scratch memory.
inline memory laid_out(memory from, const memory::desc& wanted, int use) {
  if (from.get_desc() == wanted) return from;
  memory to = in(wanted, scratch(use, wanted.get_size()));
  dnnl::reorder(from, to).execute(stream(), from, to);
  return to;
}

}  // namespace netwright
