// Signals that the main thread blocks. A system gives a signal to any thread of the process that
// does not block it, and Node has threads of its own: so the addon's handler hands such a signal on
// to the main thread (HoldBack), where it stays pending.
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <iterator>

#include "interrupt.h"
#include "signal-state.h"

namespace iomux {

namespace {

sigset_t SetOf(const Integers& signos) {
  sigset_t set;
  sigemptyset(&set);
  for (size_t i = 0; i < signos.length; i++) {
    if (signos.data[i] != KickSignal()) sigaddset(&set, signos.data[i]);
  }
  return set;
}

// Writes the signals of a set to a list with room for all, and returns how many they are.
int64_t List(const sigset_t& set, const Integers& signos) {
  int64_t count = 0;
  for (int signo = 1; signo < NSIG; signo++) {
    if (sigismember(&set, signo) == 1) signos.data[count++] = signo;
  }
  return count;
}

#if defined(IOMUX_HAS_SIGTIMEDWAIT)

int Wait(const sigset_t& set, int64_t timeout_ns, siginfo_t* about) {
  struct timespec timeout = {};
  timeout.tv_sec = static_cast<time_t>(timeout_ns / 1'000'000'000);
  timeout.tv_nsec = static_cast<long>(timeout_ns % 1'000'000'000);
  return timeout_ns < 0 ? sigwaitinfo(&set, about) : sigtimedwait(&set, about, &timeout);
}

#else

int Wait(const sigset_t& set, int64_t timeout_ns, siginfo_t* about) {
  errno = timeout_ns < 0 ? sigwait(&set, &about->si_signo) : ENOSYS;
  return errno == 0 ? about->si_signo : -1;
}

#endif

}  // namespace

// (how, signos, before) -> n, with the n signals that were blocked in `before`, which has room for
// NSIG. On the main thread. pthread_sigmask(3)
napi_value PthreadSigmask(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int how = call.Int(0, "how");
  const Integers signos = call.Ints(1, "signos", 0);
  const Integers before = call.Ints(2, "before", NSIG);
  if (!call.ok()) return nullptr;
  if (!Prepare()) return call.Result(-1);
  const sigset_t set = SetOf(signos);
  for (int signo = 1; signo < NSIG; signo++) {
    const bool listed = sigismember(&set, signo) == 1;
    if (listed ? how == SIG_UNBLOCK : how == SIG_SETMASK) LetGo(signo);
  }
  sigset_t old;
  errno = pthread_sigmask(how, &set, &old);
  if (errno != 0) return call.Result(-1);
  for (int signo = 1; how != SIG_UNBLOCK && signo < NSIG; signo++) {
    if (sigismember(&set, signo) == 1) HoldBack(signo);
  }
  return call.Result(List(old, before));
}

// (signos) -> n, with the n signals that wait to be unblocked in `signos`, which has room for NSIG.
// sigpending(2)
napi_value Sigpending(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const Integers signos = call.Ints(0, "signos", NSIG);
  if (!call.ok()) return nullptr;
  sigset_t set;
  if (sigpending(&set) == -1) return call.Result(-1);
  return call.Result(List(set, signos));
}

// (signos, timeout_ns, about) -> the signal that has come, which is no longer pending; -EAGAIN when
// time ran out. A timeout of -1 waits forever. `about` gets si_signo, si_code, si_errno, si_pid,
// si_uid, si_status and si_band. sigtimedwait(2)
napi_value Sigtimedwait(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const Integers signos = call.Ints(0, "signos", 0);
  const int64_t timeout_ns = call.Int64(1, "timeout_ns");
  const Integers about = call.Ints(2, "about", 7);
  if (!call.ok()) return nullptr;
  const sigset_t set = SetOf(signos);
  siginfo_t of = {};
  const BlockingCall blocking(call.state(), timeout_ns != 0);
  if (blocking.interrupted()) return call.Result(-1);
  const int signo = Wait(set, timeout_ns, &of);
  if (signo == -1) return call.Result(-1);
  const int32_t fields[] = {of.si_signo,
                            of.si_code,
                            of.si_errno,
                            of.si_pid,
                            static_cast<int32_t>(of.si_uid),
                            of.si_status,
                            static_cast<int32_t>(of.si_band)};
  std::copy(std::begin(fields), std::end(fields), about.data);
  return call.Result(signo);
}

// (signo, interrupts) -> 0. Whether the signal's handler ends a call that waits, or the call goes
// on and the handler is told of it afterwards. siginterrupt(3)
napi_value Siginterrupt(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int signo = call.Int(0, "signo");
  const bool interrupts = call.Bool(1, "interrupts");
  if (!call.ok()) return nullptr;
  errno = EINVAL;
  if (!IsSignal(signo) || signo == KickSignal()) return call.Result(-1);
  struct sigaction action = {};
  if (sigaction(signo, nullptr, &action) == -1) return call.Result(-1);
  action.sa_flags = interrupts ? action.sa_flags & ~SA_RESTART : action.sa_flags | SA_RESTART;
  if (sigaction(signo, &action, nullptr) == -1) return call.Result(-1);
  signals.restarts[signo] = interrupts ? 0 : 1;
  return call.Result(0);
}

}  // namespace iomux
