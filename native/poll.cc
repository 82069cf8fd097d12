#include <poll.h>

#include <cstring>

#include "interrupt.h"

namespace iomux {

// (wanted, count, ready, timeout_ms) -> n, with n pairs (fd, events) in ready, for the `count`
// pairs (fd, events) of wanted. A timeout of -1 waits forever. poll(2)
napi_value Poll(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const uint32_t count = call.Uint(1, "count");
  const int timeout_ms = call.Int(3, "timeout_ms");
  const size_t room = static_cast<size_t>(count) * 2;
  const Integers wanted = call.Ints(0, "wanted", room);
  const Integers ready = call.Ints(2, "ready", room);
  if (!call.ok()) return nullptr;

  // A pollfd is as large as a pair, so the records are made where the pairs will stand.
  static_assert(sizeof(struct pollfd) == 2 * sizeof(int32_t));
  auto* records = reinterpret_cast<struct pollfd*>(ready.data);
  for (size_t i = 0; i < count; i++) {
    records[i] = {wanted.data[2 * i], static_cast<short>(wanted.data[2 * i + 1]), 0};
  }
  const BlockingCall blocking(call.state(), timeout_ms != 0);
  if (blocking.interrupted()) return call.Result(-1);
  const int result = poll(records, count, timeout_ms);
  size_t n = 0;
  for (size_t i = 0; result > 0 && i < count; i++) {
    const struct pollfd record = records[i];
    if (record.revents == 0) continue;
    ready.data[2 * n] = record.fd;
    ready.data[2 * n + 1] = static_cast<unsigned short>(record.revents);
    n++;
  }
  return call.Result(result == -1 ? -1 : static_cast<int>(n));
}

// (fd, events, timeout_ms) -> the events that happened, 0 when time ran out. poll(2) on one
// descriptor: how a socket with a timeout waits.
napi_value PollOne(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  const int events = call.Int(1, "events");
  const int timeout_ms = call.Int(2, "timeout_ms");
  if (!call.ok()) return nullptr;
  struct pollfd record = {fd, static_cast<short>(events), 0};
  const BlockingCall blocking(call.state(), timeout_ms != 0);
  if (blocking.interrupted()) return call.Result(-1);
  const int result = poll(&record, 1, timeout_ms);
  return call.Result(result == -1 ? -1 : static_cast<unsigned short>(record.revents));
}

}  // namespace iomux
