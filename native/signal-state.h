// What the addon knows of each signal, for those who handle signals (interrupt.cc) and those who
// say what handles them (signal-actions.cc).
#pragma once

#include <pthread.h>
#include <time.h>

#include <csignal>

#include "platform.h"

namespace iomux {

enum Meaning : sig_atomic_t {
  kNotOurs = 0,
  // SIGINT as Python has it while the program is ours, and as Node has it otherwise.
  kCtrlC,
  // The program has a handler.
  kHandled,
  // The main thread blocks it, and nobody but the system or libuv handles it: the addon's handler
  // is there to hand it on from other threads.
  kHeldBack,
};

// The addon's only global state that changes, with `interrupt`: signals belong to the process.
struct Signals {
  bool ready = false;
  pthread_t main_thread;
  // Readable while a handled signal waits: wakes Node's event loop.
  WakeUp wake;
  volatile sig_atomic_t woken = 0;
  // The descriptor of set_wakeup_fd, whether EAGAIN counts as an error, and the last error.
  volatile sig_atomic_t wakeup_fd = -1;
  volatile sig_atomic_t full_is_error = 1;
  volatile sig_atomic_t wakeup_errno = 0;
  // The program is between two blocking calls of one synchronous run: Ctrl-C waits for the next.
  volatile sig_atomic_t deferring = 0;
  // The signal whose former handler is being called.
  volatile sig_atomic_t passing_on = 0;
  volatile sig_atomic_t meanings[NSIG] = {};
  // Which signals are pending.
  volatile sig_atomic_t caught[NSIG] = {};
  // When Ctrl-C was caught.
  struct timespec since;
  // What handles each signal that is held back, once it no longer is.
  struct sigaction held_back[NSIG];
  // Whether calls go on when a signal's handler has run. siginterrupt(3)
  volatile sig_atomic_t restarts[NSIG] = {};
  // What handled each signal before the addon did, and what handles it while the addon passes it
  // on: the same, or libuv's handler, for process.on() and the ends of children.
  struct sigaction before[NSIG];
  struct sigaction below[NSIG];
  // libuv's handler, the same for all signals; SIG_DFL until it is known.
  struct sigaction libuv;
};

extern Signals signals;

// The addon's handler, for all signals.
void OnSignal(int signo, siginfo_t* info, void* context);

inline bool IsFunction(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) ||
         (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN);
}

inline bool IsOurs(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) && action.sa_sigaction == OnSignal;
}

// A system ignores these by default. So whoever else has a handler for one gets it, too: it is how
// libuv hears of the ends of children.
inline bool IsHarmless(int signo) {
  return signo == SIGCHLD || signo == SIGCONT || signo == SIGURG || signo == SIGWINCH;
}

inline bool IsSignal(int signo) { return signo >= 1 && signo < NSIG; }

// Sets up what the first signal needs; on the main thread.
bool Prepare();

// Holds a signal back that the main thread blocks; and no longer. In between nothing else may
// change what handles it. Both do nothing if there is nothing to do.
void HoldBack(int signo);
void LetGo(int signo);

// Wakes Node's event loop.
void WakeLoop();

// Clears a signal, which the caller reports.
void Settle(int signo);

// Gives SIGINT the meaning that it has without the addon.
void PassOn(int signo, siginfo_t* info, void* context);

}  // namespace iomux
