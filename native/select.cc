#include <sys/select.h>

#include <algorithm>

#include "interrupt.h"

namespace iomux {

namespace {

bool Fits(int fd) { return fd >= 0 && fd < FD_SETSIZE; }

// A number that another thread may change at any time, as in a SharedArrayBuffer: it is read once.
int ReadOnce(const int32_t& number) { return *static_cast<const volatile int32_t*>(&number); }

// The descriptors of one of select's three lists, as a set; the highest goes to `highest`.
bool Fill(Call& call, const char* name, const Integers& fds, size_t count, fd_set* set,
          int* highest) {
  FD_ZERO(set);
  for (size_t i = 0; i < count; i++) {
    const int fd = ReadOnce(fds.data[i]);
    if (!Fits(fd)) {
      call.Reject(name, "descriptors below FD_SETSIZE");
      return false;
    }
    FD_SET(fd, set);
    *highest = std::max(*highest, fd);
  }
  return true;
}

// Keeps the ready descriptors, in their order, and ends them with -1 where the list got shorter.
void Keep(const Integers& fds, size_t count, const fd_set* set) {
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    const int fd = ReadOnce(fds.data[i]);
    if (Fits(fd) && FD_ISSET(fd, set)) fds.data[kept++] = fd;
  }
  if (kept < count) fds.data[kept] = -1;
}

}  // namespace

// (readers, reader_count, writers, writer_count, exceptional, exceptional_count, timeout_us) -> how
// many are ready; each list then holds its ready descriptors, ended by -1 if there are fewer than
// before. A timeout of -1 waits forever. select(2)
napi_value Select(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const uint32_t reader_count = call.Uint(1, "reader_count");
  const uint32_t writer_count = call.Uint(3, "writer_count");
  const uint32_t exceptional_count = call.Uint(5, "exceptional_count");
  const int64_t timeout_us = call.Int64(6, "timeout_us");
  const Integers readers = call.Ints(0, "readers", reader_count);
  const Integers writers = call.Ints(2, "writers", writer_count);
  const Integers exceptional = call.Ints(4, "exceptional", exceptional_count);
  if (!call.ok()) return nullptr;

  fd_set read_set;
  fd_set write_set;
  fd_set exceptional_set;
  int highest = -1;
  if (!Fill(call, "readers", readers, reader_count, &read_set, &highest) ||
      !Fill(call, "writers", writers, writer_count, &write_set, &highest) ||
      !Fill(call, "exceptional", exceptional, exceptional_count, &exceptional_set, &highest)) {
    return nullptr;
  }
  struct timeval timeout = {};
  if (timeout_us > 0) {
    timeout.tv_sec = static_cast<time_t>(timeout_us / 1'000'000);
    timeout.tv_usec = static_cast<suseconds_t>(timeout_us % 1'000'000);
  }

  const BlockingCall blocking(call.state(), timeout_us != 0);
  if (blocking.interrupted()) return call.Result(-1);
  const int n = select(
      highest + 1, reader_count > 0 ? &read_set : nullptr, writer_count > 0 ? &write_set : nullptr,
      exceptional_count > 0 ? &exceptional_set : nullptr, timeout_us < 0 ? nullptr : &timeout);
  if (n >= 0) {
    if (n == 0) {
      FD_ZERO(&read_set);
      FD_ZERO(&write_set);
      FD_ZERO(&exceptional_set);
    }
    Keep(readers, reader_count, &read_set);
    Keep(writers, writer_count, &write_set);
    Keep(exceptional, exceptional_count, &exceptional_set);
  }
  return call.Result(n);
}

}  // namespace iomux
