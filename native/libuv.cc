#include "libuv.h"

#include <dlfcn.h>

namespace iomux {

namespace {

template <typename Function>
bool Find(Function* function, const char* name) {
  *function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
  return *function != nullptr;
}

struct Found {
  Libuv uv = {};
  const bool all =
      Find(&uv.backend_fd, "uv_backend_fd") && Find(&uv.handle_size, "uv_handle_size") &&
      Find(&uv.handle_set_data, "uv_handle_set_data") &&
      Find(&uv.handle_get_data, "uv_handle_get_data") && Find(&uv.poll_init, "uv_poll_init") &&
      Find(&uv.poll_start, "uv_poll_start") && Find(&uv.signal_init, "uv_signal_init") &&
      Find(&uv.signal_start, "uv_signal_start") && Find(&uv.signal_stop, "uv_signal_stop") &&
      Find(&uv.unref, "uv_unref") && Find(&uv.close, "uv_close");
};

const Found& Search() {
  static const Found found;
  return found;
}

// Bun exports all of libuv's functions, and most of them end the process.
bool IsBun(napi_env env) {
  napi_value value = nullptr;
  napi_get_global(env, &value);
  bool is_bun = false;
  napi_has_named_property(env, value, "Bun", &is_bun);
  return is_bun;
}

}  // namespace

const Libuv& Uv() { return Search().uv; }

uv_loop_s* UvLoop(napi_env env) {
  uv_loop_s* loop = nullptr;
  if (IsBun(env) || !Search().all || napi_get_uv_event_loop(env, &loop) != napi_ok) return nullptr;
  return loop;
}

HandleMemory NewHandle(int type) {
  return std::make_unique<max_align_t[]>(Uv().handle_size(type) / sizeof(max_align_t) + 1);
}

}  // namespace iomux
