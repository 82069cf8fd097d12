#include "interrupt.h"

#include <pthread.h>
#include <time.h>
#include <unistd.h>

namespace iomux {

Interrupt interrupt;

namespace {

// How often a signal that is waiting to be reported kicks the main thread. The first kick is the
// signal itself; the others only matter when it fell between the check and the system call.
constexpr long kKickEveryNanoseconds = 10'000'000;

// How long a signal may wait for the next blocking call before it gets Node's own meaning. Longer
// than any turn of a healthy loop; short for someone whose program hangs in a computation.
constexpr long kGraceNanoseconds = 1'000'000'000;

struct {
  bool installed = false;
  pthread_t main_thread;
  timer_t kick;
  // What SIGINT meant before: Node's way to die, or libuv's handler for process.on("SIGINT").
  struct sigaction previous;
  // The program is between two blocking calls of one synchronous run: a signal waits for the next.
  volatile sig_atomic_t deferring = 0;
  struct timespec since;
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

void Settle() {
  interrupt.pending = 0;
  Kick(false);
}

// Gives the signal the meaning it had before this addon was loaded.
void PassOn(int signo, siginfo_t* info, void* context) {
  const struct sigaction& previous = signals.previous;
  const bool is_default = !(previous.sa_flags & SA_SIGINFO) && previous.sa_handler == SIG_DFL;
  if (is_default || (previous.sa_flags & SA_RESETHAND)) {
    // Meant to end the process: let the kernel do it, as soon as the signal is unblocked.
    sigaction(signo, &previous, nullptr);
    signals.installed = false;
    pthread_kill(pthread_self(), signo);
  } else if (previous.sa_flags & SA_SIGINFO) {
    previous.sa_sigaction(signo, info, context);
  } else if (previous.sa_handler != SIG_IGN) {
    previous.sa_handler(signo);
  }
}

void OnSignal(int signo, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  const bool is_kick = info != nullptr && info->si_code == SI_TIMER;
  if (!pthread_equal(pthread_self(), signals.main_thread)) {
    // The system call to end is the main thread's.
    pthread_kill(signals.main_thread, signo);
  } else if (interrupt.pending) {
    // In a call, having interrupted it is all there is to do. A second Ctrl-C is the first one's
    // echo: a terminal signals the whole process group, and npm and tsx pass theirs on as well.
    if (!interrupt.in_call && NanosecondsSince(signals.since) > kGraceNanoseconds) {
      Settle();
      PassOn(signo, info, context);
    }
  } else if (is_kick) {
    // Sent before the timer was stopped; the signal it repeats has been reported.
  } else if (interrupt.in_call || signals.deferring) {
    interrupt.pending = 1;
    clock_gettime(CLOCK_MONOTONIC, &signals.since);
    Kick(true);
  } else {
    PassOn(signo, info, context);
  }
  errno = saved_errno;
}

int CreateKickTimer() {
  struct sigevent event = {};
  // To this thread and no other: a kick that another thread had to forward would look like a new
  // signal. The field has no portable name in glibc before 2.38.
  event.sigev_notify = SIGEV_THREAD_ID;
  event._sigev_un._tid = gettid();
  event.sigev_signo = SIGINT;
  return timer_create(CLOCK_MONOTONIC, &event, &signals.kick);
}

}  // namespace

// Takes SIGINT over, on top of whatever handles it now. Called again whenever Node has put a
// handler of its own in place.
napi_value InterruptWatch(napi_env env, napi_callback_info info) {
  Call call(env, info);
  if (!call.state().is_main_thread) return call.Result(0);
  static bool has_timer = false;
  if (!has_timer) {
    signals.main_thread = pthread_self();
    if (CreateKickTimer() == -1) return call.Result(-1);
    has_timer = true;
  }
  struct sigaction current = {};
  sigaction(SIGINT, nullptr, &current);
  const bool ours = (current.sa_flags & SA_SIGINFO) && current.sa_sigaction == OnSignal;
  if (ours) return call.Result(0);

  signals.previous = current;
  struct sigaction action = {};
  action.sa_sigaction = OnSignal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;  // no SA_RESTART: the call must end with EINTR
  sigemptyset(&action.sa_mask);
  signals.installed = sigaction(SIGINT, &action, nullptr) == 0;
  return call.Result(signals.installed ? 0 : -1);
}

// True: from now on a signal outside a blocking call waits for the next one. False: the synchronous
// run is over, and a signal still waiting gets Node's meaning.
napi_value InterruptDefer(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const bool deferring = call.Bool(0, "deferring");
  if (!call.ok()) return nullptr;
  if (call.state().is_main_thread && signals.installed) {
    signals.deferring = deferring ? 1 : 0;
    if (!deferring && interrupt.pending) {
      Settle();
      PassOn(SIGINT, nullptr, nullptr);
    }
  }
  return call.Result(0);
}

// 1 once for each signal that arrived for a blocking call, else 0.
napi_value InterruptTake(napi_env env, napi_callback_info info) {
  Call call(env, info);
  if (!call.state().is_main_thread || !interrupt.pending) return call.Result(0);
  Settle();
  return call.Result(1);
}

// Ends the process by SIGINT, so that whoever waits for it sees why it ended.
napi_value InterruptDie(napi_env env, napi_callback_info info) {
  Call call(env, info);
  signal(SIGINT, SIG_DFL);
  kill(getpid(), SIGINT);
  return call.Result(0);
}

}  // namespace iomux
