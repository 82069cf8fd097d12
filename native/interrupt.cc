#include "interrupt.h"

#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "signal-libuv.h"

namespace iomux {

Interrupt interrupt;

namespace {

// How long Ctrl-C may wait for the next blocking call before it gets Node's own meaning. Longer
// than any turn of a healthy loop; short for someone whose program hangs in a computation.
constexpr long kGraceNanoseconds = 1'000'000'000;

enum Meaning : sig_atomic_t {
  kNotOurs = 0,
  // SIGINT as Python has it while the program is ours, and as Node has it otherwise.
  kCtrlC,
  // The program has a handler.
  kHandled,
};

struct {
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
  // What handled each signal before the addon did, and what handles it while the addon passes it
  // on: the same, or libuv's handler, for process.on() and the ends of children.
  struct sigaction before[NSIG];
  struct sigaction below[NSIG];
  // libuv's handler, the same for all signals; SIG_DFL until it is known.
  struct sigaction libuv;
} signals;

bool IsFunction(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) ||
         (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN);
}

// A system ignores these by default. So whoever else has a handler for one gets it, too: it is how
// libuv hears of the ends of children.
bool IsHarmless(int signo) {
  return signo == SIGCHLD || signo == SIGCONT || signo == SIGURG || signo == SIGWINCH;
}

long NanosecondsSince(const struct timespec& start) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (now.tv_sec - start.tv_sec) * 1'000'000'000 + (now.tv_nsec - start.tv_nsec);
}

// Clears a signal, which the caller reports.
void Settle(int signo) {
  signals.caught[signo] = 0;
  for (const sig_atomic_t caught : signals.caught) {
    if (caught) return;
  }
  interrupt.pending = false;
  // One more kick would end the next call for nothing.
  Kick(0);
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

// Gives SIGINT the meaning that it has without the addon.
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

// Whether a Ctrl-C waits for the next blocking call.
bool IsWaiting() {
  return signals.caught[SIGINT] && signals.meanings[SIGINT] == kCtrlC && !interrupt.in_call;
}

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

void Wake() {
  signals.woken = 1;
  signals.wake.Signal();
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
  if (signals.meanings[signo] == kHandled) Wake();
  if (signo == SIGINT) clock_gettime(CLOCK_MONOTONIC, &signals.since);
  if (interrupt.in_call) {
    // The first kick was the signal itself.
    Kick(kKickEveryNanoseconds);
  } else if (signo == SIGINT && IsWaiting()) {
    Kick(kGraceNanoseconds);
  }
}

void OnSignal(int signo, siginfo_t* info, void* context);

bool IsOurs(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) && action.sa_sigaction == OnSignal;
}

// Deno installs its handler some time after process.on(), and that calls the addon's, which was
// there before it: the signal has got its meaning then.
bool IsOnTop(int signo) {
  struct sigaction current = {};
  sigaction(signo, nullptr, &current);
  return IsOurs(current);
}

void OnSignal(int signo, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  if (!pthread_equal(pthread_self(), signals.main_thread)) {
    // The system call to interrupt is on the main thread.
    pthread_kill(signals.main_thread, signo);
  } else if (signals.passing_on == signo) {
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

// Sets up what the first signal needs; on the main thread.
bool Prepare() {
  if (signals.ready) return true;
  signals.main_thread = pthread_self();
  if (!signals.wake.Open()) return false;
  signals.ready = InstallKick() && PrepareKicks();
  if (!signals.ready) signals.wake.Close();
  return signals.ready;
}

bool IsSame(const struct sigaction& one, const struct sigaction& other) {
  return one.sa_handler == other.sa_handler;
}

bool IsIgnored(const struct sigaction& action) {
  return !(action.sa_flags & SA_SIGINFO) && action.sa_handler == SIG_IGN;
}

// Finds out what is below the addon's handler. `passed_to_libuv`: libuv gets what is passed on.
void Hold(napi_env env, int signo, bool passed_to_libuv) {
  struct sigaction before = {};
  struct sigaction after = {};
  sigaction(signo, nullptr, &before);
  const bool held = HoldSignal(env, signo);
  sigaction(signo, nullptr, &after);
  if (!IsOurs(before)) {
    // What is there in spite of libuv's having it already is libuv's.
    const bool is_libuv = held && IsFunction(before) && IsSame(before, after);
    signals.before[signo] = is_libuv ? (struct sigaction){} : before;
    if (held && IsFunction(after)) signals.libuv = after;
  }
  signals.below[signo] = held && passed_to_libuv ? signals.libuv : signals.before[signo];
}

// No SA_RESTART: the call must end with EINTR.
int TakeOver(int signo, Meaning meaning) {
  struct sigaction action = {};
  action.sa_sigaction = OnSignal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  // Before the handler, which reads it, can run.
  const sig_atomic_t before = signals.meanings[signo];
  signals.meanings[signo] = meaning;
  const int result = sigaction(signo, &action, nullptr);
  if (result == -1) signals.meanings[signo] = before;
  return result;
}

bool IsSignal(int signo) { return signo >= 1 && signo < NSIG; }

}  // namespace

bool InstallKick() {
  struct sigaction action = {};
  action.sa_handler = OnKick;
  action.sa_flags = SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  return sigaction(KickSignal(), &action, nullptr) == 0;
}

// (listened) -> 0. Takes SIGINT over, on top of whatever handles it now: called again whenever
// process.on("SIGINT") gets its first listener, or has lost its last. sigaction(2)
napi_value InterruptWatch(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const bool listened = call.Bool(0, "listened");
  if (!call.ok()) return nullptr;
  if (!call.state().is_main_thread) return call.Result(0);
  if (!Prepare()) return call.Result(-1);
  Hold(env, SIGINT, listened);
  return call.Result(TakeOver(SIGINT, kCtrlC));
}

// (deferring) -> 0. True: from now on Ctrl-C outside a blocking call waits for the next one. False:
// the synchronous run is over, and a Ctrl-C that still waits gets Node's meaning.
napi_value InterruptDefer(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const bool deferring = call.Bool(0, "deferring");
  if (!call.ok()) return nullptr;
  if (call.state().is_main_thread) {
    signals.deferring = deferring ? 1 : 0;
    if (!deferring && signals.caught[SIGINT] && signals.meanings[SIGINT] == kCtrlC) {
      Settle(SIGINT);
      PassOn(SIGINT, nullptr, nullptr);
    }
  }
  return call.Result(0);
}

// () -> nothing: ends the process by SIGINT, so that whoever waits for it sees why it ended.
// kill(2)
napi_value InterruptDie(napi_env env, napi_callback_info info) {
  Call call(env, info);
  static_cast<void>(signal(SIGINT, SIG_DFL));
  kill(getpid(), SIGINT);
  return call.Result(0);
}

// () -> the number of a signal that has arrived and not been taken, lowest first; 0 when there is
// none.
napi_value SignalTake(napi_env env, napi_callback_info info) {
  Call call(env, info);
  if (!call.state().is_main_thread) return call.Result(0);
  if (signals.woken) {
    // Before the flags are read: a signal that arrives in between wakes the loop once more.
    signals.woken = 0;
    signals.wake.Clear();
  }
  for (int signo = 1; interrupt.pending && signo < NSIG; signo++) {
    if (!signals.caught[signo]) continue;
    Settle(signo);
    // Wake the event loop again for the others: the first one's handler may throw.
    if (interrupt.pending) Wake();
    return call.Result(signo);
  }
  return call.Result(0);
}

// (signo, how) -> 0. 0: SIG_DFL, 1: SIG_IGN, 2: signal_take reports it. sigaction(2)
napi_value SignalSet(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int signo = call.Int(0, "signo");
  const int how = call.Int(1, "how");
  if (how < 0 || how > 2) call.Reject("how", "0, 1 or 2");
  if (!call.ok()) return nullptr;
  errno = EINVAL;
  if (!IsSignal(signo) || signo == KickSignal()) return call.Result(-1);
  if (how == 2) {
    if (!Prepare()) return call.Result(-1);
    Hold(env, signo, true);
    return call.Result(TakeOver(signo, kHandled));
  }
  // Otherwise SIG_IGN stays held: there must not be a moment of SIG_DFL before it.
  if (how == 0 || IsHarmless(signo)) ReleaseSignal(signo);
  struct sigaction wanted = {};
  wanted.sa_handler = how == 0 ? SIG_DFL : SIG_IGN;
  if (IsHarmless(signo)) {
    struct sigaction current = {};
    sigaction(signo, nullptr, &current);
    const bool is_programs = IsOurs(current) || IsIgnored(current);
    const struct sigaction other = is_programs ? signals.below[signo] : current;
    // Another's handler is as good as the default to the program.
    (how == 0 ? wanted : signals.below[signo]) = other;
  }
  if (sigaction(signo, &wanted, nullptr) == -1) return call.Result(-1);
  signals.meanings[signo] = kNotOurs;
  return call.Result(0);
}

// (signo) -> 0. process.on() has a listener for a signal that the program does not handle: libuv's
// handler takes it. sigaction(2)
napi_value SignalYield(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int signo = call.Int(0, "signo");
  if (!call.ok()) return nullptr;
  errno = EINVAL;
  if (!IsSignal(signo)) return call.Result(-1);
  if (signals.meanings[signo] == kNotOurs && IsFunction(signals.libuv)) {
    ReleaseSignal(signo);
    return call.Result(sigaction(signo, &signals.libuv, nullptr));
  }
  return call.Result(0);
}

// (signo) -> 0: SIG_DFL, 1: SIG_IGN, 2: a handler. sigaction(2)
napi_value SignalGet(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int signo = call.Int(0, "signo");
  if (!call.ok()) return nullptr;
  struct sigaction current = {};
  if (sigaction(signo, nullptr, &current) == -1) return call.Result(-1);
  if ((current.sa_flags & SA_SIGINFO) != 0) return call.Result(2);
  if (current.sa_handler == SIG_DFL) return call.Result(0);
  return call.Result(current.sa_handler == SIG_IGN ? 1 : 2);
}

// () -> the descriptor that is readable while a handled signal waits.
napi_value SignalWake(napi_env env, napi_callback_info info) {
  Call call(env, info);
  return call.Result(Prepare() ? signals.wake.fd() : -1);
}

// (fd, full_is_error) -> 0. From now on each signal's number is also written to fd; -1: nowhere.
napi_value SignalWakeupFd(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  const bool full_is_error = call.Bool(1, "full_is_error");
  if (!call.ok()) return nullptr;
  signals.full_is_error = full_is_error ? 1 : 0;
  signals.wakeup_fd = fd;
  return call.Result(0);
}

// () -> the errno of a signal's number that could not be written there, reported once; 0 for none.
napi_value WakeupErrno(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int number = signals.wakeup_errno;
  signals.wakeup_errno = 0;
  return call.Result(number);
}

}  // namespace iomux
