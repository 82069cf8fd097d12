#include "interrupt.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

namespace iomux {

Interrupt interrupt;

namespace {

// How often a signal that is waiting to be reported kicks the main thread out of its system call.
constexpr long kKickEveryNanoseconds = 10'000'000;

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
  timer_t kick;
  // Readable while a handled signal waits: wakes Node's event loop.
  int wake = -1;
  volatile sig_atomic_t woken = 0;
  // The descriptor of set_wakeup_fd, whether EAGAIN counts as an error, and the last error.
  volatile sig_atomic_t wakeup_fd = -1;
  volatile sig_atomic_t full_is_error = 1;
  volatile sig_atomic_t wakeup_errno = 0;
  // The program is between two blocking calls of one synchronous run: Ctrl-C waits for the next.
  volatile sig_atomic_t deferring = 0;
  volatile sig_atomic_t meanings[NSIG] = {};
  // Which signals are pending.
  volatile sig_atomic_t caught[NSIG] = {};
  // When Ctrl-C was caught.
  struct timespec since;
  // What SIGINT meant before: to end the process, or libuv's handler for process.on("SIGINT").
  struct sigaction previous;
} signals;

long NanosecondsSince(const struct timespec& start) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (now.tv_sec - start.tv_sec) * 1'000'000'000 + (now.tv_nsec - start.tv_nsec);
}

void Kick(bool on) {
  struct itimerspec interval = {};
  if (on) interval.it_value.tv_nsec = interval.it_interval.tv_nsec = kKickEveryNanoseconds;
  timer_settime(signals.kick, 0, &interval, nullptr);
}

void OnKick(int) {
  const int saved_errno = errno;
  if (signals.ready && pthread_equal(pthread_self(), signals.main_thread) &&
      !(interrupt.pending && interrupt.in_call)) {
    Kick(false);
  }
  errno = saved_errno;
}

// Clears a signal, which the caller reports.
void Settle(int signo) {
  signals.caught[signo] = 0;
  for (const sig_atomic_t caught : signals.caught) {
    if (caught) return;
  }
  interrupt.pending = false;
  // One more kick would end the next call for nothing.
  Kick(false);
}

// Gives SIGINT the meaning it had before this addon was loaded.
void PassOn(int signo, siginfo_t* info, void* context) {
  const struct sigaction& previous = signals.previous;
  const bool is_default = !(previous.sa_flags & SA_SIGINFO) && previous.sa_handler == SIG_DFL;
  if (is_default || (previous.sa_flags & SA_RESETHAND)) {
    // Meant to end the process: let the kernel do it, as soon as the signal is unblocked.
    sigaction(signo, &previous, nullptr);
    signals.meanings[signo] = kNotOurs;
    pthread_kill(pthread_self(), signo);
  } else if (previous.sa_flags & SA_SIGINFO) {
    previous.sa_sigaction(signo, info, context);
  } else if (previous.sa_handler != SIG_IGN) {
    previous.sa_handler(signo);
  }
}

void Wake() {
  signals.woken = 1;
  eventfd_write(signals.wake, 1);
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
  // The first kick was the signal itself.
  if (interrupt.in_call) Kick(true);
}

void OnSignal(int signo, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  const bool is_waiting = signals.caught[signo] && !interrupt.in_call;
  if (!pthread_equal(pthread_self(), signals.main_thread)) {
    // The system call to interrupt is on the main thread.
    pthread_kill(signals.main_thread, signo);
  } else if (signals.meanings[signo] == kHandled) {
    Catch(signo);
  } else if (is_waiting && NanosecondsSince(signals.since) > kGraceNanoseconds) {
    Settle(signo);
    PassOn(signo, info, context);
  } else if (signals.caught[signo] || interrupt.in_call || signals.deferring) {
    // A second Ctrl-C is the first one's echo: a terminal signals the whole process group, and npm
    // and tsx pass theirs on as well.
    Catch(signo);
  } else {
    PassOn(signo, info, context);
  }
  errno = saved_errno;
}

// Sets up what the first signal needs; on the main thread.
bool Prepare() {
  if (signals.ready) return true;
  signals.main_thread = pthread_self();
  signals.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  struct sigevent event = {};
  // To this thread and no other. The field has no portable name in glibc before 2.38.
  event.sigev_notify = SIGEV_THREAD_ID;
  event._sigev_un._tid = gettid();
  event.sigev_signo = KickSignal();
  signals.ready = signals.wake != -1 && InstallKick() &&
                  timer_create(CLOCK_MONOTONIC, &event, &signals.kick) == 0;
  return signals.ready;
}

bool IsOurs(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) && action.sa_sigaction == OnSignal;
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

int KickSignal() { return SIGRTMAX - 2; }

bool InstallKick() {
  struct sigaction action = {};
  action.sa_handler = OnKick;
  action.sa_flags = SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  return sigaction(KickSignal(), &action, nullptr) == 0;
}

// () -> 0. Takes SIGINT over, on top of whatever handles it now: called again whenever Node has
// installed its own handler. sigaction(2)
napi_value InterruptWatch(napi_env env, napi_callback_info info) {
  Call call(env, info);
  if (!call.state().is_main_thread) return call.Result(0);
  if (!Prepare()) return call.Result(-1);
  struct sigaction current = {};
  sigaction(SIGINT, nullptr, &current);
  if (!IsOurs(current)) signals.previous = current;
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
  signal(SIGINT, SIG_DFL);
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
    eventfd_t count;
    eventfd_read(signals.wake, &count);
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
  if (how == 2) return call.Result(Prepare() ? TakeOver(signo, kHandled) : -1);
  if (signal(signo, how == 0 ? SIG_DFL : SIG_IGN) == SIG_ERR) return call.Result(-1);
  signals.meanings[signo] = kNotOurs;
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

// () -> the descriptor that is readable while a handled signal waits. eventfd(2)
napi_value SignalWake(napi_env env, napi_callback_info info) {
  Call call(env, info);
  return call.Result(Prepare() ? signals.wake : -1);
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
