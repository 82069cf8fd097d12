#include "interrupt.h"

#include <unistd.h>

#include "signal-state.h"

namespace iomux {

Interrupt interrupt;
Signals signals;

namespace {

// How long Ctrl-C may wait for the next blocking call before it gets Node's own meaning. Longer
// than any turn of a healthy loop; short for someone whose program hangs in a computation.
constexpr long kGraceNanoseconds = 1'000'000'000;

long NanosecondsSince(const struct timespec& start) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (now.tv_sec - start.tv_sec) * 1'000'000'000 + (now.tv_nsec - start.tv_nsec);
}

// Calls the handler below the addon's.
void CallBelow(int signo, siginfo_t* info, void* context) {
  const struct sigaction& below = signals.below[signo];
  if (!IsFunction(below)) return;
  signals.passing_on = signo;
  if (below.sa_flags & SA_SIGINFO) {
    below.sa_sigaction(signo, info, context);
  } else {
    below.sa_handler(signo);
  }
  signals.passing_on = 0;
}

// Whether a Ctrl-C waits for the next blocking call.
bool IsWaiting() {
  return signals.caught[SIGINT] && signals.meanings[SIGINT] == kCtrlC && !interrupt.in_call;
}

}  // namespace

void Settle(int signo) {
  signals.caught[signo] = 0;
  for (const sig_atomic_t caught : signals.caught) {
    if (caught) return;
  }
  interrupt.pending = false;
  // One more kick would end the next call for nothing.
  Kick(0);
}

void PassOn(int signo, siginfo_t* info, void* context) {
  const struct sigaction& below = signals.below[signo];
  const bool is_default = !(below.sa_flags & SA_SIGINFO) && below.sa_handler == SIG_DFL;
  if (is_default || (below.sa_flags & SA_RESETHAND)) {
    // Meant to end the process: let the kernel do it, as soon as the signal is unblocked.
    sigaction(signo, &below, nullptr);
    signals.meanings[signo] = kNotOurs;
    pthread_kill(pthread_self(), signo);
  } else {
    CallBelow(signo, info, context);
  }
}

void WakeLoop() {
  signals.woken = 1;
  signals.wake.Signal();
}

namespace {

// Kicks go on while a blocking call is to end, and while a Ctrl-C waits for one to begin.
void OnKick(int) {
  if (!signals.ready || !pthread_equal(pthread_self(), signals.main_thread)) return;
  const int saved_errno = errno;
  if (interrupt.pending && interrupt.in_call) {
    // Until that call has ended.
  } else if (!IsWaiting()) {
    Kick(0);
  } else if (NanosecondsSince(signals.since) >= kGraceNanoseconds) {
    Settle(SIGINT);
    PassOn(SIGINT, nullptr, nullptr);
  } else {
    // What blocked has returned, and not because of the signal.
    Kick(kGraceNanoseconds);
  }
  errno = saved_errno;
}

void Catch(int signo) {
  if (signals.wakeup_fd != -1) {
    const auto byte = static_cast<unsigned char>(signo);
    const bool written = write(signals.wakeup_fd, &byte, 1) == 1;
    if (!written && (errno != EAGAIN || signals.full_is_error)) signals.wakeup_errno = errno;
  }
  if (signals.caught[signo] && interrupt.pending) return;
  signals.caught[signo] = 1;
  interrupt.pending = true;
  if (signals.meanings[signo] == kHandled) WakeLoop();
  if (signo == SIGINT) clock_gettime(CLOCK_MONOTONIC, &signals.since);
  if (signals.restarts[signo]) {
    // The call goes on; what comes after it reports the signal.
  } else if (interrupt.in_call) {
    // The first kick was the signal itself.
    Kick(kKickEveryNanoseconds);
  } else if (signo == SIGINT && IsWaiting()) {
    Kick(kGraceNanoseconds);
  }
}

// Deno installs its handler some time after process.on(), and that calls the addon's, which was
// there before it: the signal has got its meaning then.
bool IsOnTop(int signo) {
  struct sigaction current = {};
  sigaction(signo, nullptr, &current);
  return IsOurs(current);
}

}  // namespace

void OnSignal(int signo, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  if (!pthread_equal(pthread_self(), signals.main_thread)) {
    // The system call to interrupt is on the main thread.
    pthread_kill(signals.main_thread, signo);
  } else if (signals.passing_on == signo || signals.meanings[signo] == kNotOurs) {
    // Deno's handler calls the one that was there before it: this.
  } else if (signals.meanings[signo] == kHandled) {
    Catch(signo);
    if (IsHarmless(signo)) CallBelow(signo, info, context);
  } else if (signals.caught[signo] || interrupt.in_call || signals.deferring) {
    // A second Ctrl-C is the first one's echo: a terminal signals the whole process group, and npm
    // and tsx pass theirs on as well.
    Catch(signo);
  } else if (IsOnTop(signo)) {
    PassOn(signo, info, context);
  }
  errno = saved_errno;
}

bool InstallKick() {
  struct sigaction action = {};
  action.sa_handler = OnKick;
  action.sa_flags = SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  return sigaction(KickSignal(), &action, nullptr) == 0;
}

}  // namespace iomux
