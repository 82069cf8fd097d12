// Signals, and a worker's end, while a thread is inside a system call that may block.
#pragma once

#include <atomic>
#include <csignal>

#include "call.h"
#include "platform.h"

namespace iomux {

// One for each thread that runs JavaScript. Whoever sets `pending` also interrupts the system call;
// if that fell between the check and the call's beginning, kicks follow until the call has ended.
struct Interrupt {
  // The thread is inside (or about to enter) a system call that may block.
  std::atomic<bool> in_call{false};
  // Something has happened that no call has reported yet.
  std::atomic<bool> pending{false};
};

// The main thread's, written by signal handlers. This and `signals` in signal-state.h are the
// addon's only global state that changes: signals belong to the process. (What watch.cc has found
// of libuv, and the tables of constants, never change.)
extern Interrupt interrupt;

// Installs the handler of the signal that interrupts a system call; true on success.
bool InstallKick();

// Ends a worker's blocking calls when the worker is terminated; see worker.cc. Null if the process
// has no descriptor or thread to spare: the next call tries again.
class WorkerWatch;
WorkerWatch* StartWorkerWatch(int loop_fd, Interrupt* of_worker);
void StopWorkerWatch(WorkerWatch* watch);

// Stands around one system call that may block.
class BlockingCall {
 public:
  BlockingCall(State& state, bool may_block) : state_(state), may_block_(may_block) {
    if (!may_block) return;
    if (!state.is_main_thread && state.worker_watch == nullptr) {
      state.worker_watch = StartWorkerWatch(state.loop_fd, state.interrupt);
    }
    state.interrupt->in_call.store(true, std::memory_order_relaxed);
    // The handler runs on this thread, so only the compiler could reorder the two.
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  ~BlockingCall() {
    if (may_block_) state_.interrupt->in_call.store(false, std::memory_order_relaxed);
  }
  BlockingCall(const BlockingCall&) = delete;
  BlockingCall& operator=(const BlockingCall&) = delete;

  // True, with errno EINTR, when something is waiting to be reported: skip the system call.
  bool interrupted() const {
    if (!state_.interrupt->pending.load(std::memory_order_relaxed)) return false;
    // A worker takes no signals: all it needs is that the call returns to JavaScript.
    if (!state_.is_main_thread) state_.interrupt->pending.store(false, std::memory_order_relaxed);
    errno = EINTR;
    return true;
  }

 private:
  State& state_;
  const bool may_block_;
};

}  // namespace iomux
