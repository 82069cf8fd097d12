// SIGINT while the main thread is inside a system call that may block.
#pragma once

#include <csignal>

#include "call.h"

namespace iomux {

// The interrupt flag: the addon's only global state, written by the signal handler.
struct Interrupt {
  // The main thread is inside (or about to enter) a system call that may block.
  volatile sig_atomic_t in_call = 0;
  // A SIGINT has arrived that no call has reported yet.
  volatile sig_atomic_t pending = 0;
};
extern Interrupt interrupt;

// Stands around one system call that may block. A signal that lands after `interrupted()` was asked
// and before the system call began is not lost: the handler kicks again until the call has ended.
class BlockingCall {
 public:
  explicit BlockingCall(const State& state, bool may_block)
      : watched_(may_block && state.is_main_thread) {
    if (watched_) interrupt.in_call = 1;
  }
  ~BlockingCall() {
    if (watched_) interrupt.in_call = 0;
  }
  BlockingCall(const BlockingCall&) = delete;
  BlockingCall& operator=(const BlockingCall&) = delete;

  // True, with errno EINTR, when a signal is waiting to be reported: skip the system call.
  bool interrupted() const {
    if (!watched_ || !interrupt.pending) return false;
    errno = EINTR;
    return true;
  }

 private:
  const bool watched_;
};

}  // namespace iomux
