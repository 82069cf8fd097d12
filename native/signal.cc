#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstring>
#include <mutex>

#include "interrupt.h"
#include "values.h"

namespace iomux {

// (signo) -> 0. raise(3)
napi_value Raise(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int signo = call.Int(0, "signo");
  if (!call.ok()) return nullptr;
  return call.Result(raise(signo) == 0 ? 0 : -1);
}

// (seconds) -> the seconds that were left of the previous alarm. alarm(2)
napi_value Alarm(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const uint32_t seconds = call.Uint(0, "seconds");
  if (!call.ok()) return nullptr;
  return call.Result(alarm(seconds));
}

namespace {

void Write(const Integers& to, const struct itimerval& timer) {
  to.data[0] = static_cast<int32_t>(timer.it_value.tv_sec);
  to.data[1] = static_cast<int32_t>(timer.it_value.tv_usec);
  to.data[2] = static_cast<int32_t>(timer.it_interval.tv_sec);
  to.data[3] = static_cast<int32_t>(timer.it_interval.tv_usec);
}

}  // namespace

// (which, timer, before) -> 0. Both are four integers: seconds and microseconds until it fires, and
// of its interval. setitimer(2)
napi_value Setitimer(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int which = call.Int(0, "which");
  const Integers timer = call.Ints(1, "timer", 4);
  const Integers before = call.Ints(2, "before", 4);
  if (!call.ok()) return nullptr;
  const struct itimerval wanted = {{timer.data[2], timer.data[3]}, {timer.data[0], timer.data[1]}};
  struct itimerval old = {};
  const int result = setitimer(which, &wanted, &old);
  Write(before, old);
  return call.Result(result);
}

// (which, timer) -> 0. getitimer(2)
napi_value Getitimer(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int which = call.Int(0, "which");
  const Integers timer = call.Ints(1, "timer", 4);
  if (!call.ok()) return nullptr;
  struct itimerval current = {};
  const int result = getitimer(which, &current);
  Write(timer, current);
  return call.Result(result);
}

// () -> -EINTR, once a signal has come. pause(2)
napi_value Pause(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const BlockingCall blocking(call.state(), true);
  if (blocking.interrupted()) return call.Result(-1);
  return call.Result(pause());
}

// (signo) -> libc's text for it, null for one that it does not know. strsignal(3), which returns
// memory that the next call overwrites, in any thread on some systems.
napi_value Strsignal(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int signo = call.Int(0, "signo");
  if (!call.ok()) return nullptr;
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  const char* text = strsignal(signo);  // NOLINT(concurrency-mt-unsafe): behind the lock
  return text == nullptr ? Null(env) : Text(env, text);
}

}  // namespace iomux
