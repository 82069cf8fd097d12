#include "watch.h"

#include <algorithm>
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

  // The number of the new watch, or -1 and errno. No other watch has had it: who asks for one that
  // is over must not get another.
  int64_t Start(int fd, bool keeps_alive, bool once, napi_value callback) {
    const uint32_t number = next_++;
    const auto over = [this, number] { Stop(number); };
    const auto gone = [this] {
      open_--;
      Finish();
    };
    open_++;
    const WatchOptions options = {fd, keeps_alive, once, callback, over, gone};
    Watch* watch = has_libuv_ ? WatchByLibuv(env_, options) : WatchByThread(env_, options);
    if (watch == nullptr) return -1;
    watches_.push_back({number, watch});
    return number;
  }

  bool Again(uint32_t number) {
    const auto found = Find(number);
    return found != watches_.end() && found->watch->Again();
  }

  bool Stop(uint32_t number) {
    const auto found = Find(number);
    if (found == watches_.end()) return false;
    Watch* watch = found->watch;
    watches_.erase(found);
    watch->Close();
    return true;
  }

 private:
  struct Numbered {
    uint32_t number;
    Watch* watch;
  };

  // There are few of them.
  std::vector<Numbered>::iterator Find(uint32_t number) {
    return std::find_if(watches_.begin(), watches_.end(),
                        [number](const Numbered& one) { return one.number == number; });
  }

  void End(napi_async_cleanup_hook_handle hook) {
    hook_ = hook;
    // Not yet: the last watch to be closed may be closed at once.
    while (!watches_.empty()) Stop(watches_.back().number);
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
  std::vector<Numbered> watches_;
  uint32_t next_ = 0;
  size_t open_ = 0;
  bool ending_ = false;
  napi_async_cleanup_hook_handle hook_ = nullptr;
};

// (fd, keeps_alive, once, callback) -> the watch's number: the callback is called by the event loop
// each time it finds the descriptor readable; with `once` the first time, and then only after
// watch_again. `keeps_alive` says whether the watch keeps the process alive.
napi_value WatchStart(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  const bool keeps_alive = call.Bool(1, "keeps_alive");
  const bool once = call.Bool(2, "once");
  const napi_value callback = call.Function(3, "callback");
  if (!call.ok()) return nullptr;
  Watches*& watches = call.state().watches;
  if (watches == nullptr) watches = new Watches(env);
  return call.Result(watches->Start(fd, keeps_alive, once, callback));
}

// (number) -> 0: a watch for one call goes on after that call, which is being made. EBADF
// otherwise: it is over, or will be as soon as the event loop gets to it.
napi_value WatchAgain(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const uint32_t number = call.Uint(0, "number");
  if (!call.ok()) return nullptr;
  Watches* watches = call.state().watches;
  errno = EBADF;
  return call.Result(watches != nullptr && watches->Again(number) ? 0 : -1);
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
