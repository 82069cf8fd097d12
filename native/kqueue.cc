#include "platform.h"

#if defined(IOMUX_HAS_KQUEUE)

#include <fcntl.h>
#include <sys/event.h>
#include <sys/time.h>
#include <sys/types.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include "constants.h"
#include "interrupt.h"

namespace iomux {

namespace {

// How an event crosses the boundary: six 64-bit integers, in the order of struct kevent.
struct Record {
  int64_t ident;
  int64_t filter;
  int64_t flags;
  int64_t fflags;
  int64_t data;
  int64_t udata;
};

struct kevent Decode(const Record& record) {
  struct kevent event = {};
  event.ident = static_cast<decltype(event.ident)>(record.ident);
  event.filter = static_cast<decltype(event.filter)>(record.filter);
  event.flags = static_cast<decltype(event.flags)>(record.flags);
  event.fflags = static_cast<decltype(event.fflags)>(record.fflags);
  event.data = static_cast<decltype(event.data)>(record.data);
  // A pointer, but an integer on NetBSD.
  memcpy(&event.udata, &record.udata, sizeof(event.udata));
  return event;
}

Record Encode(const struct kevent& event) {
  Record record = {};
  record.ident = static_cast<int64_t>(event.ident);
  record.filter = event.filter;
  record.flags = event.flags;
  record.fflags = event.fflags;
  record.data = static_cast<int64_t>(event.data);
  memcpy(&record.udata, &event.udata, sizeof(event.udata));
  return record;
}

}  // namespace

// () -> kq, close-on-exec. kqueue(2)
napi_value Kqueue(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int kq = kqueue();
  if (kq != -1) fcntl(kq, F_SETFD, FD_CLOEXEC);
  return call.OwnedDescriptor(kq);
}

// (kq, changes, ready, max_events, timeout_ns) -> n events in ready. Both views hold six 64-bit
// integers an event: ident, filter, flags, fflags, data, udata. A timeout of -1 waits forever.
// kevent(2)
napi_value Kevent(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int kq = call.Int(0, "kq");
  const Bytes changes = call.View(1, "changes");
  const Bytes ready = call.View(2, "ready");
  const uint32_t max_events = call.Uint(3, "max_events");
  const int64_t timeout_ns = call.Int64(4, "timeout_ns");
  if (changes.length % sizeof(Record) != 0) call.Reject("changes", "whole events");
  if (ready.length / sizeof(Record) < max_events) call.Reject("ready", "long enough for this call");
  if (!call.ok()) return nullptr;

  std::vector<struct kevent> changed(changes.length / sizeof(Record));
  for (size_t i = 0; i < changed.size(); i++) {
    Record record;
    memcpy(&record, changes.data + i * sizeof(record), sizeof(record));
    changed[i] = Decode(record);
  }
  // Left uninitialized: there may be room for far more events than ever happen.
  const std::unique_ptr<struct kevent[]> happened(new (std::nothrow) struct kevent[max_events]);
  if (happened == nullptr) {
    errno = ENOMEM;
    return call.Result(-1);
  }
  struct timespec timeout = {};
  if (timeout_ns > 0) {
    timeout.tv_sec = static_cast<time_t>(timeout_ns / 1'000'000'000);
    timeout.tv_nsec = static_cast<long>(timeout_ns % 1'000'000'000);
  }
  const BlockingCall blocking(call.state(), max_events > 0 && timeout_ns != 0);
  if (blocking.interrupted()) return call.Result(-1);
  const int n = kevent(kq, changed.data(), static_cast<int>(changed.size()), happened.get(),
                       static_cast<int>(max_events), timeout_ns < 0 ? nullptr : &timeout);
  for (int i = 0; i < n; i++) {
    const Record record = Encode(happened[i]);
    memcpy(ready.data + i * sizeof(record), &record, sizeof(record));
  }
  return call.Result(n);
}

std::span<const Constant> KqueueConstants() {
  static constexpr Constant kConstants[] = {
#ifdef EVFILT_READ
      {"KQ_FILTER_READ", EVFILT_READ},
#endif
#ifdef EVFILT_WRITE
      {"KQ_FILTER_WRITE", EVFILT_WRITE},
#endif
#ifdef EVFILT_AIO
      {"KQ_FILTER_AIO", EVFILT_AIO},
#endif
#ifdef EVFILT_VNODE
      {"KQ_FILTER_VNODE", EVFILT_VNODE},
#endif
#ifdef EVFILT_PROC
      {"KQ_FILTER_PROC", EVFILT_PROC},
#endif
#ifdef EVFILT_NETDEV
      {"KQ_FILTER_NETDEV", EVFILT_NETDEV},
#endif
#ifdef EVFILT_SIGNAL
      {"KQ_FILTER_SIGNAL", EVFILT_SIGNAL},
#endif
#ifdef EVFILT_TIMER
      {"KQ_FILTER_TIMER", EVFILT_TIMER},
#endif
#ifdef EV_ADD
      {"KQ_EV_ADD", EV_ADD},
#endif
#ifdef EV_DELETE
      {"KQ_EV_DELETE", EV_DELETE},
#endif
#ifdef EV_ENABLE
      {"KQ_EV_ENABLE", EV_ENABLE},
#endif
#ifdef EV_DISABLE
      {"KQ_EV_DISABLE", EV_DISABLE},
#endif
#ifdef EV_ONESHOT
      {"KQ_EV_ONESHOT", EV_ONESHOT},
#endif
#ifdef EV_CLEAR
      {"KQ_EV_CLEAR", EV_CLEAR},
#endif
#ifdef EV_SYSFLAGS
      {"KQ_EV_SYSFLAGS", EV_SYSFLAGS},
#endif
#ifdef EV_FLAG1
      {"KQ_EV_FLAG1", EV_FLAG1},
#endif
#ifdef EV_EOF
      {"KQ_EV_EOF", EV_EOF},
#endif
#ifdef EV_ERROR
      {"KQ_EV_ERROR", EV_ERROR},
#endif
#ifdef NOTE_LOWAT
      {"KQ_NOTE_LOWAT", NOTE_LOWAT},
#endif
#ifdef NOTE_DELETE
      {"KQ_NOTE_DELETE", NOTE_DELETE},
#endif
#ifdef NOTE_WRITE
      {"KQ_NOTE_WRITE", NOTE_WRITE},
#endif
#ifdef NOTE_EXTEND
      {"KQ_NOTE_EXTEND", NOTE_EXTEND},
#endif
#ifdef NOTE_ATTRIB
      {"KQ_NOTE_ATTRIB", NOTE_ATTRIB},
#endif
#ifdef NOTE_LINK
      {"KQ_NOTE_LINK", NOTE_LINK},
#endif
#ifdef NOTE_RENAME
      {"KQ_NOTE_RENAME", NOTE_RENAME},
#endif
#ifdef NOTE_REVOKE
      {"KQ_NOTE_REVOKE", NOTE_REVOKE},
#endif
#ifdef NOTE_EXIT
      {"KQ_NOTE_EXIT", NOTE_EXIT},
#endif
#ifdef NOTE_FORK
      {"KQ_NOTE_FORK", NOTE_FORK},
#endif
#ifdef NOTE_EXEC
      {"KQ_NOTE_EXEC", NOTE_EXEC},
#endif
#ifdef NOTE_PCTRLMASK
      {"KQ_NOTE_PCTRLMASK", NOTE_PCTRLMASK},
#endif
#ifdef NOTE_PDATAMASK
      {"KQ_NOTE_PDATAMASK", NOTE_PDATAMASK},
#endif
#ifdef NOTE_TRACK
      {"KQ_NOTE_TRACK", NOTE_TRACK},
#endif
#ifdef NOTE_CHILD
      {"KQ_NOTE_CHILD", NOTE_CHILD},
#endif
#ifdef NOTE_TRACKERR
      {"KQ_NOTE_TRACKERR", NOTE_TRACKERR},
#endif
#ifdef NOTE_LINKUP
      {"KQ_NOTE_LINKUP", NOTE_LINKUP},
#endif
#ifdef NOTE_LINKDOWN
      {"KQ_NOTE_LINKDOWN", NOTE_LINKDOWN},
#endif
#ifdef NOTE_LINKINV
      {"KQ_NOTE_LINKINV", NOTE_LINKINV},
#endif
  };
  return kConstants;
}

}  // namespace iomux

#endif
