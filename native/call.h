// The JavaScript side of a native function: its arguments, its result, and the state of the
// environment it runs in. Files for one system call each include this and know nothing else of
// Node-API.
#pragma once

#include <node_api.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "descriptors.h"

namespace iomux {

struct Interrupt;
class WorkerWatch;
class Watches;

// What one JavaScript environment (the main thread or a worker) owns.
struct State {
  // Signals are delivered to the main thread only.
  bool is_main_thread = false;
  // What ends this thread's blocking calls.
  Interrupt* interrupt = nullptr;
  // In a worker: the descriptor that its event loop waits on, and what watches it meanwhile.
  int loop_fd = -1;
  WorkerWatch* worker_watch = nullptr;
  // What the event loop watches for us.
  Watches* watches = nullptr;
  Descriptors descriptors;
};

struct Bytes {
  uint8_t* data = nullptr;
  size_t length = 0;
};

struct Integers {
  int32_t* data = nullptr;
  size_t length = 0;
};

// The number of an argument, as a literal. One that a Call has no room for does not compile:
// `consteval` leaves the check to the compiler, so it costs nothing when the function is called.
class Index {
 public:
  // How many arguments a Call has room for.
  static constexpr size_t kCount = 8;

  consteval Index(size_t index) : index_(index) {
    if (index >= kCount) HasNoRoom();
  }
  operator size_t() const { return index_; }

 private:
  static void HasNoRoom();

  size_t index_;
};

// Reads the arguments in order. The first wrong one leaves a TypeError pending that names it; every
// read after that returns zero, so a function asks `ok()` once, before its system call.
class Call {
 public:
  Call(napi_env env, napi_callback_info info);

  bool ok() const { return ok_; }
  napi_env env() const { return env_; }
  State& state() const { return *state_; }

  int Int(Index index, const char* name) {
    return static_cast<int>(Number(index, name, std::numeric_limits<int>::min(),
                                   std::numeric_limits<int>::max(), "a 32-bit integer"));
  }
  uint32_t Uint(Index index, const char* name) {
    return static_cast<uint32_t>(
        Number(index, name, 0, std::numeric_limits<uint32_t>::max(), "an unsigned 32-bit integer"));
  }
  int64_t Int64(Index index, const char* name) {
    // 2^53 - 1: the integers that a JavaScript number holds exactly.
    constexpr int64_t kMost = 9007199254740991;
    return Number(index, name, -kMost, kMost, "a safe integer");
  }
  bool Bool(Index index, const char* name);
  bool IsNull(Index index) const;
  std::string Text(Index index, const char* name);
  // The bytes behind any TypedArray or DataView, from its own offset on.
  Bytes View(Index index, const char* name);
  // The bytes behind each TypedArray or DataView of a list, in its order.
  std::vector<Bytes> Views(Index index, const char* name);
  // The elements of an Int32Array; `least` is how many the call will use.
  Integers Ints(Index index, const char* name, size_t least);
  napi_value Function(Index index, const char* name);
  // The part of a view that starts at one argument and is as long as another says.
  Bytes Slice(Index view, Index offset, Index length, const char* name);
  // Leaves a TypeError pending: "<name> must be <what>".
  void Reject(const char* name, const char* what);

  // n >= 0 as it is; -1 becomes -errno.
  napi_value Result(int64_t n);
  // The same for a call that makes a descriptor, which from now on belongs to this environment.
  napi_value OwnedDescriptor(int fd);

 private:
  bool ReadView(napi_value value, Bytes* bytes) const;
  int64_t Number(Index index, const char* name, int64_t least, int64_t most, const char* what) {
    double value = 0;
    if (ok_ && napi_get_value_double(env_, arguments_[index], &value) == napi_ok &&
        value >= static_cast<double>(least) && value <= static_cast<double>(most)) {
      const auto integer = static_cast<int64_t>(value);
      if (static_cast<double>(integer) == value) return integer;
    }
    Reject(name, what);
    return 0;
  }

  napi_env env_;
  napi_value arguments_[Index::kCount];
  State* state_ = nullptr;
  bool ok_ = true;
};

}  // namespace iomux
