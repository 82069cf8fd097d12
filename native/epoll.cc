#include "platform.h"

#if defined(IOMUX_HAS_EPOLL)

#include <sys/epoll.h>

#include "constants.h"
#include "interrupt.h"

namespace iomux {

// () -> epfd, close-on-exec. epoll_create1(2)
napi_value EpollCreate1(napi_env env, napi_callback_info info) {
  Call call(env, info);
  return call.OwnedDescriptor(epoll_create1(EPOLL_CLOEXEC));
}

// (epfd, op, fd, events) -> 0. epoll_ctl(2)
napi_value EpollCtl(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int epfd = call.Int(0, "epfd");
  const int op = call.Int(1, "op");
  const int fd = call.Int(2, "fd");
  const uint32_t events = call.Uint(3, "events");
  if (!call.ok()) return nullptr;
  struct epoll_event event = {};
  event.events = events;
  event.data.fd = fd;
  return call.Result(epoll_ctl(epfd, op, fd, &event));
}

// (epfd, ready, max_events, timeout_ms) -> n, with n pairs (fd, events) in ready, which must have
// room for 4 * max_events integers. A timeout of -1 waits forever. epoll_wait(2)
napi_value EpollWait(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int epfd = call.Int(0, "epfd");
  const int max_events = call.Int(2, "max_events");
  const int timeout_ms = call.Int(3, "timeout_ms");
  const size_t room = max_events > 0 ? static_cast<size_t>(max_events) * 4 : 0;
  const Integers ready = call.Ints(1, "ready", room);
  if (!call.ok()) return nullptr;

  // The kernel writes its larger records where the pairs will stand: pair i never reaches record
  // i + 1, so reading forward while writing forward needs no second array.
  static_assert(sizeof(struct epoll_event) >= 2 * sizeof(int32_t));
  static_assert(sizeof(struct epoll_event) <= 4 * sizeof(int32_t));
  auto* records = reinterpret_cast<struct epoll_event*>(ready.data);

  const BlockingCall blocking(call.state(), timeout_ms != 0);
  if (blocking.interrupted()) return call.Result(-1);
  const int n = epoll_wait(epfd, records, max_events, timeout_ms);
  for (ptrdiff_t i = 0; i < n; i++) {
    const struct epoll_event event = records[i];
    ready.data[2 * i] = event.data.fd;
    ready.data[2 * i + 1] = static_cast<int32_t>(event.events);
  }
  return call.Result(n);
}

std::span<const Constant> EpollConstants() {
  static constexpr Constant kConstants[] = {
#ifdef EPOLLIN
      {"EPOLLIN", EPOLLIN},
#endif
#ifdef EPOLLPRI
      {"EPOLLPRI", EPOLLPRI},
#endif
#ifdef EPOLLOUT
      {"EPOLLOUT", EPOLLOUT},
#endif
#ifdef EPOLLERR
      {"EPOLLERR", EPOLLERR},
#endif
#ifdef EPOLLHUP
      {"EPOLLHUP", EPOLLHUP},
#endif
#ifdef EPOLLRDNORM
      {"EPOLLRDNORM", EPOLLRDNORM},
#endif
#ifdef EPOLLRDBAND
      {"EPOLLRDBAND", EPOLLRDBAND},
#endif
#ifdef EPOLLWRNORM
      {"EPOLLWRNORM", EPOLLWRNORM},
#endif
#ifdef EPOLLWRBAND
      {"EPOLLWRBAND", EPOLLWRBAND},
#endif
#ifdef EPOLLMSG
      {"EPOLLMSG", EPOLLMSG},
#endif
#ifdef EPOLLRDHUP
      {"EPOLLRDHUP", EPOLLRDHUP},
#endif
#ifdef EPOLLET
      {"EPOLLET", static_cast<uint32_t>(EPOLLET)},
#endif
#ifdef EPOLLONESHOT
      {"EPOLLONESHOT", static_cast<uint32_t>(EPOLLONESHOT)},
#endif
#ifdef EPOLLEXCLUSIVE
      {"EPOLLEXCLUSIVE", static_cast<uint32_t>(EPOLLEXCLUSIVE)},
#endif
#ifdef EPOLL_CTL_ADD
      {"EPOLL_CTL_ADD", EPOLL_CTL_ADD},
#endif
#ifdef EPOLL_CTL_MOD
      {"EPOLL_CTL_MOD", EPOLL_CTL_MOD},
#endif
#ifdef EPOLL_CTL_DEL
      {"EPOLL_CTL_DEL", EPOLL_CTL_DEL},
#endif
#ifdef EPOLL_CLOEXEC
      {"EPOLL_CLOEXEC", EPOLL_CLOEXEC},
#endif
  };
  return kConstants;
}

}  // namespace iomux

#endif
