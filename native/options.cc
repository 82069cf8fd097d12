// Socket options, as bytes: lib/ knows what they mean.
#include <sys/socket.h>

#include "call.h"

namespace iomux {

// (fd, level, option, bytes) -> the length of the value, which is in bytes. getsockopt(2)
napi_value Getsockopt(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  const int level = call.Int(1, "level");
  const int option = call.Int(2, "option");
  const Bytes bytes = call.View(3, "bytes");
  if (!call.ok()) return nullptr;
  auto length = static_cast<socklen_t>(bytes.length);
  const int result = getsockopt(fd, level, option, bytes.data, &length);
  return call.Result(result == -1 ? -1 : static_cast<int64_t>(length));
}

// (fd, level, option, bytes) -> 0. setsockopt(2)
napi_value Setsockopt(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  const int level = call.Int(1, "level");
  const int option = call.Int(2, "option");
  const Bytes bytes = call.View(3, "bytes");
  if (!call.ok()) return nullptr;
  return call.Result(
      setsockopt(fd, level, option, bytes.data, static_cast<socklen_t>(bytes.length)));
}

// (fd, level, option, length) -> 0. setsockopt(2) with a null value, which a few options need.
napi_value SetsockoptNull(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  const int level = call.Int(1, "level");
  const int option = call.Int(2, "option");
  const uint32_t length = call.Uint(3, "length");
  if (!call.ok()) return nullptr;
  return call.Result(setsockopt(fd, level, option, nullptr, length));
}

}  // namespace iomux
