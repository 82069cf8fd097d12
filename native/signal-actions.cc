// What handles each signal: the addon, on top of libuv, or the system.
#include <time.h>
#include <unistd.h>

#include "interrupt.h"
#include "signal-libuv.h"
#include "signal-state.h"

namespace iomux {

bool Prepare() {
  if (signals.ready) return true;
  signals.main_thread = pthread_self();
  if (!signals.wake.Open()) return false;
  signals.ready = InstallKick() && PrepareKicks();
  if (!signals.ready) signals.wake.Close();
  return signals.ready;
}

namespace {

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

int TakeOver(int signo, Meaning meaning) {
  struct sigaction action = {};
  action.sa_sigaction = OnSignal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  // The main thread's call must end with EINTR; another's, if the signal is only handed on, not.
  if (meaning == kHeldBack) action.sa_flags |= SA_RESTART;
  sigemptyset(&action.sa_mask);
  signals.restarts[signo] = 0;
  // Before the handler, which reads it, can run.
  const sig_atomic_t before = signals.meanings[signo];
  signals.meanings[signo] = meaning;
  const int result = sigaction(signo, &action, nullptr);
  if (result == -1) signals.meanings[signo] = before;
  return result;
}

// The system raises these in the thread whose instruction is to blame: they are not handed on.
bool IsFault(int signo) {
  return signo == SIGSEGV || signo == SIGBUS || signo == SIGFPE || signo == SIGILL ||
         signo == SIGTRAP;
}

}  // namespace

void HoldBack(int signo) {
  if (signals.meanings[signo] != kNotOurs || IsFault(signo)) return;
  if (sigaction(signo, nullptr, &signals.held_back[signo]) == 0) TakeOver(signo, kHeldBack);
}

void LetGo(int signo) {
  if (signals.meanings[signo] != kHeldBack) return;
  struct sigaction current = {};
  sigaction(signo, nullptr, &current);
  // A runtime without libuv may have put its own there meanwhile.
  if (IsOurs(current)) sigaction(signo, &signals.held_back[signo], nullptr);
  signals.meanings[signo] = kNotOurs;
}

namespace {

void HoldBackIfBlocked(int signo) {
  sigset_t blocked;
  pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
  if (sigismember(&blocked, signo) == 1) HoldBack(signo);
}

}  // namespace

// (listened) -> 0. Takes SIGINT over, on top of whatever handles it now: called again whenever
// process.on("SIGINT") gets its first listener, or has lost its last. sigaction(2)
napi_value InterruptWatch(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const bool listened = call.Bool(0, "listened");
  if (!call.ok()) return nullptr;
  if (!call.state().is_main_thread) return call.Result(0);
  if (!Prepare()) return call.Result(-1);
  LetGo(SIGINT);
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
    if (interrupt.pending) WakeLoop();
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
  LetGo(signo);
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
  HoldBackIfBlocked(signo);
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
  LetGo(signo);
  int result = 0;
  if (signals.meanings[signo] == kNotOurs && IsFunction(signals.libuv)) {
    ReleaseSignal(signo);
    result = sigaction(signo, &signals.libuv, nullptr);
  }
  HoldBackIfBlocked(signo);
  return call.Result(result);
}

// (signo) -> 0: SIG_DFL, 1: SIG_IGN, 2: a handler. sigaction(2)
napi_value SignalGet(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int signo = call.Int(0, "signo");
  if (!call.ok()) return nullptr;
  struct sigaction current = {};
  if (sigaction(signo, nullptr, &current) == -1) return call.Result(-1);
  if (signals.meanings[signo] == kHeldBack) current = signals.held_back[signo];
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
