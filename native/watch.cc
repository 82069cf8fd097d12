#include "watch.h"

#include <vector>

namespace iomux {

// The watches of one environment, by their numbers. It outlives the environment's state until the
// event loop has closed every one.
class Watches {
 public:
  explicit Watches(napi_env env) : env_(env), has_libuv_(HasLibuv(env)) {
    if (has_libuv_) {
      napi_add_async_cleanup_hook(
          env,
          [](napi_async_cleanup_hook_handle hook, void* self) {
            static_cast<Watches*>(self)->End(hook);
          },
          this, &hook_);
    } else {
      // Deno frees an asynchronous hook twice. Without libuv, there is nothing to wait for.
      napi_add_env_cleanup_hook(
          env, [](void* self) { static_cast<Watches*>(self)->End(nullptr); }, this);
    }
  }
  Watches(const Watches&) = delete;
  Watches& operator=(const Watches&) = delete;

  // The number of the new watch, or -1 and errno.
  int Start(const WatchOptions& options) {
    const auto start = has_libuv_ ? WatchByLibuv : WatchByThread;
    open_++;
    Watch* watch = start(env_, options, [this] {
      open_--;
      Finish();
    });
    if (watch == nullptr) return -1;
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
    watches_[number]->Close();
    watches_[number] = nullptr;
    return true;
  }

 private:
  void End(napi_async_cleanup_hook_handle hook) {
    hook_ = hook;
    // Not yet: the last watch to be closed may be closed at once.
    for (size_t number = 0; number < watches_.size(); number++) {
      Stop(static_cast<uint32_t>(number));
    }
    ending_ = true;
    Finish();
  }

  void Finish() {
    if (!ending_ || open_ > 0) return;
    if (hook_ != nullptr) napi_remove_async_cleanup_hook(hook_);
    delete this;
  }

  const napi_env env_;
  const bool has_libuv_;
  std::vector<Watch*> watches_;
  size_t open_ = 0;
  bool ending_ = false;
  napi_async_cleanup_hook_handle hook_ = nullptr;
};

// (fd, keeps_alive, callback) -> the watch's number: the callback is called by the event loop each
// time it finds the descriptor readable. `keeps_alive` says whether the watch keeps the process
// alive.
napi_value WatchStart(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  const bool keeps_alive = call.Bool(1, "keeps_alive");
  const napi_value callback = call.Function(2, "callback");
  if (!call.ok()) return nullptr;
  Watches*& watches = call.state().watches;
  if (watches == nullptr) watches = new Watches(env);
  return call.Result(watches->Start({fd, keeps_alive, callback}));
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
