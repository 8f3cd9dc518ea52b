// Work on a batch, split in parts that run beside each other on XLA's own threads.
#pragma once

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <numeric>
#include <string>
#include <vector>

#include "xla/ffi/api/ffi.h"

// Compiled for several kinds of processor; the one at hand is chosen when the library is loaded.
#define FOR_THIS_PROCESSOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#define INLINED __attribute__((always_inline))
#define INLINE inline INLINED

namespace netwright {

namespace ffi = xla::ffi;
using Ints = ffi::Span<const int64_t>;

// oneDNN starts an OpenMP team in whichever thread calls it, beside XLA's threads. Within this scope it does not:
// the parts of a batch are what runs in parallel.
class SingleThreaded {
 public:
  SingleThreaded() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~SingleThreaded() { omp_set_num_threads(before_); }

 private:
  int before_;
};

// Rows first, first + 1, ..., first + count - 1 of the batch of one member of a population (of one network: of member 0).
struct Part {
  int64_t member, index, first, count;
};

// Into how many parts each member's batch is split: enough for all threads, while each has a few rows to work on.
inline int64_t part_count(int64_t members, int64_t rows, int64_t threads, int64_t least_rows) {
  return std::max<int64_t>(1, std::min(threads / members, rows / least_rows));
}

// Calls work(part) for all parts of all members and returns when all are done. Threads claim parts from one counter and
// the caller works too, so that the call ends also when every other thread is busy or waits for its own parts.
inline ffi::Error for_each_part(ffi::ThreadPool& pool, int64_t members, int64_t rows, int64_t parts,
                                const std::function<void(const Part&)>& work) {
  struct Job {
    const std::function<void(const Part&)>* work;
    int64_t rows, parts, all;
    std::atomic<int64_t> next{0}, done{0};
    std::atomic<bool> failed{false};
    std::string message;

    void help() {
      for (int64_t i; (i = next.fetch_add(1)) < all;) {
        try {
          SingleThreaded scope;
          const int64_t index = i % parts, first = rows * index / parts;
          (*work)({i / parts, index, first, rows * (index + 1) / parts - first});
        } catch (const std::exception& error) {
          if (!failed.exchange(true)) message = error.what();
        }
        if (done.fetch_add(1) + 1 == all) done.notify_all();
      }
    }
  };
  // A helper may start when all is done and the caller has left: it owns a share of what it reads then.
  auto job = std::make_shared<Job>();
  job->work = &work, job->rows = rows, job->parts = parts, job->all = members * parts;
  for (int64_t i = 1; i < std::min(job->all, pool.num_threads()); ++i) pool.Schedule([job] { job->help(); });
  job->help();
  for (int spins = 0; job->done.load() < job->all && spins < 20000; ++spins) __builtin_ia32_pause();
  for (int64_t done; (done = job->done.load()) < job->all;) job->done.wait(done);
  return job->failed ? ffi::Error::Internal("oneDNN: " + job->message) : ffi::Error::Success();
}

using Sizes = std::vector<int64_t>;

// An operand or result: its own last `rank` axes, and before them an axis for each `jax.vmap` around the call, of length
// one where all members share the operand.
class Array {
 public:
  Array(const ffi::AnyBuffer& buffer, size_t rank)
      : data_(static_cast<char*>(buffer.untyped_data())), half_(buffer.element_type() == ffi::BF16) {
    const auto dims = buffer.dimensions();
    outer_.assign(dims.begin(), dims.end() - rank);
    sizes_.assign(dims.end() - rank, dims.end());
    row_bytes_ = ffi::ByteWidth(buffer.element_type());
    for (size_t axis = 1; axis < rank; ++axis) row_bytes_ *= sizes_[axis];
  }
  int64_t operator[](size_t axis) const { return sizes_[axis]; }
  bool half() const { return half_; }
  int64_t size() const { return std::accumulate(sizes_.begin(), sizes_.end(), int64_t{1}, std::multiplies<>()); }
  int64_t members() const { return std::accumulate(outer_.begin(), outer_.end(), int64_t{1}, std::multiplies<>()); }

  // Where row `row` begins of the member with this number among those of `all`, a result of the call.
  template <class T = float>
  T* at(const Array& all, int64_t member, int64_t row = 0) const {
    int64_t offset = 0, stride = row_bytes_ * sizes_[0];
    for (size_t axis = outer_.size(); axis-- > 0; member /= all.outer_[axis]) {
      if (outer_[axis] > 1) offset += member % all.outer_[axis] * stride;
      stride *= outer_[axis];
    }
    return reinterpret_cast<T*>(data_ + offset + row * row_bytes_);
  }

 private:
  char* data_;
  bool half_;
  Sizes outer_, sizes_;
  int64_t row_bytes_;
};

inline void add(const float* __restrict from, float* __restrict to, int64_t count) {
  for (int64_t i = 0; i < count; ++i) to[i] += from[i];
}

// A result that is a sum over the batch: each part has its own, zero at first, and they are added in the order of the
// parts, whichever is done first. The first part's is the result itself.
class PartSums {
 public:
  PartSums(const Array& result, int64_t parts)
      : result_(result), parts_(parts), size_(result.size()), others_(size_ * (parts - 1) * result.members()) {}
  float* of(int64_t member, int64_t index) {
    return index == 0 ? result_.at(result_, member)
                      : others_.data() + size_ * (member * (parts_ - 1) + index - 1);
  }
  void add_up() {
    for (int64_t member = 0; member < result_.members(); ++member)
      for (int64_t index = 1; index < parts_; ++index) add(of(member, index), of(member, 0), size_);
  }

 private:
  const Array& result_;
  int64_t parts_, size_;
  std::vector<float> others_;
};

// Memory of no type that begins on a page.
class Memory {
 public:
  Memory() = default;
  explicit Memory(size_t bytes) : size_((bytes + 4095) / 4096 * 4096), data_(std::aligned_alloc(4096, size_)) {
    if (!data_ && size_) throw std::bad_alloc();
  }
  size_t size() const { return size_; }
  void* data() const { return data_.get(); }

 private:
  struct Free {
    void operator()(void* data) const { std::free(data); }
  };
  size_t size_ = 0;
  std::unique_ptr<void, Free> data_;
};

// Memory that lives as long as its thread and only grows; one for each use within a kernel.
inline void* scratch(int use, size_t bytes) {
  thread_local Memory memories[8];
  if (memories[use].size() < bytes) memories[use] = Memory(bytes);
  return memories[use].data();
}

}  // namespace netwright
