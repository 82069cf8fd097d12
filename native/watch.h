// What the event loop watches for us, so that JavaScript need not block.
#pragma once

#include <functional>

#include "call.h"

namespace iomux {

// One descriptor that is being watched, and the function that is called whenever it is readable.
class Watch {
 public:
  // No more calls. The watch deletes itself when the runtime lets go of it, and calls `closed`.
  virtual void Close() = 0;

 protected:
  explicit Watch(std::function<void()> closed) : closed_(std::move(closed)) {}
  virtual ~Watch() { closed_(); }

 private:
  const std::function<void()> closed_;
};

struct WatchOptions {
  int fd;
  // Whether the watch keeps the process alive.
  bool keeps_alive;
  napi_value callback;
};

// Whether this runtime's event loop is libuv's.
bool HasLibuv(napi_env env);

// Each returns null, and errno, if there is no watch. By libuv itself:
Watch* WatchByLibuv(napi_env env, const WatchOptions& options, std::function<void()> closed);
// In any other runtime: by a thread.
Watch* WatchByThread(napi_env env, const WatchOptions& options, std::function<void()> closed);

// The descriptor that this thread's event loop waits on; -1 in a runtime whose loop has none.
int LoopDescriptor(napi_env env);

}  // namespace iomux
