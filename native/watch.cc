#include "watch.h"

#include <dlfcn.h>

#include <cstddef>
#include <memory>
#include <vector>

namespace iomux {

namespace {

// The part of libuv that this file needs, unchanged since version 1.0. Its header does not come
// with Node-API's; and other runtimes, which have Node-API but no libuv, would not load an addon
// that is linked against it.
constexpr int kPollHandle = 8;  // UV_POLL
constexpr int kReadable = 1;    // UV_READABLE
struct Handle;
using OnPoll = void (*)(Handle* handle, int status, int events);
using OnClose = void (*)(Handle* handle);

struct Libuv {
  int (*backend_fd)(const uv_loop_s* loop);
  size_t (*handle_size)(int type);
  void (*handle_set_data)(Handle* handle, void* data);
  void* (*handle_get_data)(const Handle* handle);
  int (*poll_init)(uv_loop_s* loop, Handle* handle, int fd);
  int (*poll_start)(Handle* handle, int events, OnPoll on_poll);
  void (*unref)(Handle* handle);
  void (*close)(Handle* handle, OnClose on_close);

  bool is_there() const {
    return backend_fd && handle_size && handle_set_data && handle_get_data && poll_init &&
           poll_start && unref && close;
  }
};

template <typename Function>
void Find(Function* function, const char* name) {
  *function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
}

const Libuv& Uv() {
  static const Libuv uv = [] {
    Libuv found = {};
    Find(&found.backend_fd, "uv_backend_fd");
    Find(&found.handle_size, "uv_handle_size");
    Find(&found.handle_set_data, "uv_handle_set_data");
    Find(&found.handle_get_data, "uv_handle_get_data");
    Find(&found.poll_init, "uv_poll_init");
    Find(&found.poll_start, "uv_poll_start");
    Find(&found.unref, "uv_unref");
    Find(&found.close, "uv_close");
    return found;
  }();
  return uv;
}

uv_loop_s* Loop(napi_env env) {
  uv_loop_s* loop = nullptr;
  if (!Uv().is_there() || napi_get_uv_event_loop(env, &loop) != napi_ok) return nullptr;
  return loop;
}

struct Watch {
  // libuv says how large its handle is.
  std::unique_ptr<max_align_t[]> memory;
  napi_env env;
  napi_ref callback;
  Watches* all;

  Handle* handle() const { return reinterpret_cast<Handle*>(memory.get()); }
};

Watch* NewWatch(napi_env env, Watches* all) {
  const size_t units = Uv().handle_size(kPollHandle) / sizeof(max_align_t) + 1;
  return new Watch{std::make_unique<max_align_t[]>(units), env, nullptr, all};
}

}  // namespace

// The watches of one environment. It outlives the environment's state until the event loop has
// closed every handle.
class Watches {
 public:
  explicit Watches(napi_env env) {
    napi_add_async_cleanup_hook(
        env,
        [](napi_async_cleanup_hook_handle hook, void* self) {
          static_cast<Watches*>(self)->End(hook);
        },
        this, &hook_);
  }
  Watches(const Watches&) = delete;
  Watches& operator=(const Watches&) = delete;

  // The number of the new watch, or -1 and errno.
  int Start(napi_env env, uv_loop_s* loop, int fd, bool keeps_alive, napi_value callback) {
    Watch* watch = NewWatch(env, this);
    int error = Uv().poll_init(loop, watch->handle(), fd);
    if (error != 0) {
      delete watch;
      errno = -error;
      return -1;
    }
    Uv().handle_set_data(watch->handle(), watch);
    napi_create_reference(env, callback, 1, &watch->callback);
    if (!keeps_alive) Uv().unref(watch->handle());
    open_++;
    error = Uv().poll_start(watch->handle(), kReadable, OnReadable);
    if (error != 0) {
      Close(watch);
      errno = -error;
      return -1;
    }
    for (size_t number = 0; number < watches_.size(); number++) {
      if (watches_[number] != nullptr) continue;
      watches_[number] = watch;
      return static_cast<int>(number);
    }
    watches_.push_back(watch);
    return static_cast<int>(watches_.size() - 1);
  }

  bool Stop(uint32_t number) {
    if (number >= watches_.size() || watches_[number] == nullptr) return false;
    Close(watches_[number]);
    watches_[number] = nullptr;
    return true;
  }

 private:
  static void OnReadable(Handle* handle, int, int) {
    // Whoever reads the descriptor gets its error, so one with an error is as good as readable.
    const auto* watch = static_cast<Watch*>(Uv().handle_get_data(handle));
    const napi_env env = watch->env;
    napi_handle_scope scope = nullptr;
    napi_value callback = nullptr;
    napi_value self = nullptr;
    napi_open_handle_scope(env, &scope);
    napi_get_reference_value(env, watch->callback, &callback);
    napi_get_global(env, &self);
    if (napi_make_callback(env, nullptr, self, callback, 0, nullptr, nullptr) ==
        napi_pending_exception) {
      napi_value error = nullptr;
      napi_get_and_clear_last_exception(env, &error);
      napi_fatal_exception(env, error);
    }
    napi_close_handle_scope(env, scope);
  }

  void Close(Watch* watch) {
    napi_delete_reference(watch->env, watch->callback);
    Uv().close(watch->handle(), [](Handle* handle) {
      auto* closed = static_cast<Watch*>(Uv().handle_get_data(handle));
      closed->all->open_--;
      closed->all->Finish();
      delete closed;
    });
  }

  void End(napi_async_cleanup_hook_handle hook) {
    hook_ = hook;
    ending_ = true;
    for (size_t number = 0; number < watches_.size(); number++) {
      Stop(static_cast<uint32_t>(number));
    }
    Finish();
  }

  void Finish() {
    if (!ending_ || open_ > 0) return;
    napi_remove_async_cleanup_hook(hook_);
    delete this;
  }

  std::vector<Watch*> watches_;
  size_t open_ = 0;
  bool ending_ = false;
  napi_async_cleanup_hook_handle hook_ = nullptr;
};

int LoopDescriptor(napi_env env) {
  const uv_loop_s* loop = Loop(env);
  return loop == nullptr ? -1 : Uv().backend_fd(loop);
}

// (fd, keeps_alive, callback) -> the watch's number: the callback is called by the event loop each
// time it finds the descriptor readable. `keeps_alive` says whether the watch keeps the process
// alive.
napi_value WatchStart(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  const bool keeps_alive = call.Bool(1, "keeps_alive");
  const napi_value callback = call.Function(2, "callback");
  if (!call.ok()) return nullptr;
  uv_loop_s* loop = Loop(env);
  errno = ENOSYS;
  if (loop == nullptr) return call.Result(-1);
  Watches*& watches = call.state().watches;
  if (watches == nullptr) watches = new Watches(env);
  return call.Result(watches->Start(env, loop, fd, keeps_alive, callback));
}

// (number) -> 0
napi_value WatchStop(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const uint32_t number = call.Uint(0, "number");
  if (!call.ok()) return nullptr;
  Watches* watches = call.state().watches;
  errno = EBADF;
  return call.Result(watches != nullptr && watches->Stop(number) ? 0 : -1);
}

}  // namespace iomux
