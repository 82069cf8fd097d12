// What the event loop watches for us, so that JavaScript need not block.
#pragma once

#include <functional>

#include "call.h"

namespace iomux {

struct WatchOptions {
  int fd;
  // Whether the watch keeps the process alive.
  bool keeps_alive;
  // Whether the watch is over when its callback, and what follows from that at once, has run.
  bool once;
  napi_value callback;
  // Called for a watch that is over, which is to be closed; and when a closed one is gone.
  std::function<void()> over;
  std::function<void()> gone;
};

// One descriptor that is being watched, and the function that is called whenever it is readable.
class Watch {
 public:
  // No more calls. The watch deletes itself when the runtime lets go of it.
  virtual void Close() = 0;

  // One for a single call goes on, if that is being made: the next wait begins with what follows
  // from it. False otherwise.
  bool Again() {
    again_ = is_calling_ && can_go_on_;
    return again_;
  }

 protected:
  explicit Watch(const WatchOptions& options)
      : once_(options.once), over_(options.over), gone_(options.gone) {}
  virtual ~Watch() { gone_(); }

  bool is_calling() const { return is_calling_; }
  void BeginCall(bool can_go_on) {
    is_calling_ = true;
    can_go_on_ = can_go_on;
    again_ = false;
  }
  // True if the watch is over; it may not exist any more.
  bool EndCall() {
    is_calling_ = false;
    if (!once_ || again_) return false;
    over_();
    return true;
  }

 private:
  const bool once_;
  bool is_calling_ = false;
  bool can_go_on_ = false;
  bool again_ = false;
  const std::function<void()> over_;
  const std::function<void()> gone_;
};

// Whether this runtime's event loop is libuv's.
bool HasLibuv(napi_env env);

// Each returns null, and errno, if there is no watch. By libuv itself:
Watch* WatchByLibuv(napi_env env, const WatchOptions& options);
// In any other runtime: by a thread.
Watch* WatchByThread(napi_env env, const WatchOptions& options);

// The descriptor that this thread's event loop waits on; -1 in a runtime whose loop has none.
int LoopDescriptor(napi_env env);

}  // namespace iomux
