#include "interrupt.h"

#if defined(IOMUX_HAS_SENDFILE)

namespace iomux {

// (out, file, offset, count, may_block) -> n bytes of the file, from offset on, written to the
// socket `out`. sendfile(2)
napi_value Sendfile(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int out = call.Int(0, "out");
  const int file = call.Int(1, "file");
  const auto offset = static_cast<off_t>(call.Int64(2, "offset"));
  const auto count = static_cast<size_t>(call.Uint(3, "count"));
  const bool may_block = call.Bool(4, "may_block");
  if (!call.ok()) return nullptr;
  const BlockingCall blocking(call.state(), may_block);
  if (blocking.interrupted()) return call.Result(-1);
  return call.Result(SendFile(out, file, offset, count));
}

}  // namespace iomux

#endif
