// Watches of Node's own event loop.
#include "libuv.h"
#include "watch.h"

namespace iomux {

namespace {

class UvWatch : public Watch {
 public:
  UvWatch(napi_env env, const WatchOptions& options)
      : Watch(options), env_(env), memory_(NewHandle(kPollHandle)) {}

  // False, and errno, if there is no watch; it is then gone, or on its way.
  bool Start(const WatchOptions& options) {
    int error = Uv().poll_init(UvLoop(env_), handle(), options.fd);
    if (error != 0) {
      delete this;
      errno = -error;
      return false;
    }
    Uv().handle_set_data(handle(), this);
    napi_create_reference(env_, options.callback, 1, &callback_);
    if (!options.keeps_alive) Uv().unref(handle());
    error = Uv().poll_start(handle(), kReadable, OnReadable);
    if (error == 0) return true;
    Close();
    errno = -error;
    return false;
  }

  void Close() override {
    napi_delete_reference(env_, callback_);
    Uv().close(handle(), [](Handle* handle) { delete Of(handle); });
  }

 private:
  static UvWatch* Of(const Handle* handle) {
    return static_cast<UvWatch*>(Uv().handle_get_data(handle));
  }

  static void OnReadable(Handle* handle, int status, int) {
    // Whoever reads the descriptor gets its error, so one with an error is as good as readable. But
    // libuv does not watch it any more.
    auto* watch = Of(handle);
    const napi_env env = watch->env_;
    napi_handle_scope scope = nullptr;
    napi_value callback = nullptr;
    napi_value self = nullptr;
    napi_open_handle_scope(env, &scope);
    napi_get_reference_value(env, watch->callback_, &callback);
    napi_get_global(env, &self);
    watch->BeginCall(status == 0);
    if (napi_make_callback(env, nullptr, self, callback, 0, nullptr, nullptr) ==
        napi_pending_exception) {
      napi_value error = nullptr;
      napi_get_and_clear_last_exception(env, &error);
      napi_fatal_exception(env, error);
    }
    watch->EndCall();
    napi_close_handle_scope(env, scope);
  }

  Handle* handle() const { return HandleIn(memory_); }

  const napi_env env_;
  napi_ref callback_ = nullptr;
  const HandleMemory memory_;
};

}  // namespace

bool HasLibuv(napi_env env) { return UvLoop(env) != nullptr; }

Watch* WatchByLibuv(napi_env env, const WatchOptions& options) {
  auto* watch = new UvWatch(env, options);
  return watch->Start(options) ? watch : nullptr;
}

int LoopDescriptor(napi_env env) {
  const uv_loop_s* loop = UvLoop(env);
  return loop == nullptr ? -1 : Uv().backend_fd(loop);
}

}  // namespace iomux
