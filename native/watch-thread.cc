// Watches in runtimes whose event loop cannot be asked to watch a descriptor: a thread sleeps in
// poll(2), and tells the loop.
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "thread.h"
#include "watch.h"

namespace iomux {

namespace {

// The bytes in the pipe from JavaScript's thread to this one.
constexpr char kGoOn = 'g';
constexpr char kStop = 's';

class ThreadWatch : public Watch {
 public:
  explicit ThreadWatch(const WatchOptions& options) : Watch(options) {}

  // False, and errno, if there is no watch; it is then gone, or on its way.
  bool Start(napi_env env, const WatchOptions& options) {
    fd_ = options.fd;
    if (!OpenPipe() || !MakeFunction(env, options)) {
      const int error = errno;
      delete this;
      errno = error;
      return false;
    }
    const int error = Begin();
    if (error != 0) Close();
    errno = error;
    return error == 0;
  }

  void Close() override {
    is_closed_ = true;
    End();
    if (!is_released_) napi_release_threadsafe_function(function_, napi_tsfn_abort);
    Free();
  }

 private:
  ~ThreadWatch() override { ClosePipe(); }

  bool OpenPipe() {
    // libuv refuses what is no descriptor at once, too.
    if (fcntl(fd_, F_GETFD) == -1 || pipe(pipe_) == -1) return false;
    for (const int end : pipe_) fcntl(end, F_SETFD, FD_CLOEXEC);
    return true;
  }

  void ClosePipe() {
    for (int& end : pipe_) {
      if (end != -1) close(end);
      end = -1;
    }
  }

  bool MakeFunction(napi_env env, const WatchOptions& options) {
    napi_value name = nullptr;
    napi_create_string_utf8(env, "iomux", NAPI_AUTO_LENGTH, &name);
    errno = ENOMEM;
    if (napi_create_threadsafe_function(env, options.callback, nullptr, name, 0, 1, this, OnRelease,
                                        this, OnReadable, &function_) != napi_ok) {
      return false;
    }
    if (!options.keeps_alive) napi_unref_threadsafe_function(env, function_);
    return true;
  }

  // 0, or an errno.
  int Begin() {
    const auto run = [](void* self) -> void* {
      static_cast<ThreadWatch*>(self)->Run();
      return nullptr;
    };
    const int error = StartThread(&thread_, run, this);
    is_running_ = error == 0;
    return error;
  }

  void End() {
    if (!is_running_) return;
    is_running_ = false;
    Tell(kStop);
    pthread_join(thread_, nullptr);
    ClosePipe();
  }

  void Tell(char what) const {
    while (write(pipe_[1], &what, 1) == -1 && errno == EINTR) continue;
  }

  char Told() const {
    char what = kStop;
    while (read(pipe_[0], &what, 1) == -1 && errno == EINTR) continue;
    return what;
  }

  void Run() const {
    struct pollfd both[] = {{fd_, POLLIN, 0}, {pipe_[0], POLLIN, 0}};
    do {
      while (poll(both, 2, -1) == -1 && errno == EINTR) continue;
      if (both[1].revents == 0) {
        napi_call_threadsafe_function(function_, nullptr, napi_tsfn_blocking);
      }
      // Until JavaScript has looked at the descriptor, it would be readable again and again.
    } while (Told() == kGoOn);
  }

  static void OnReadable(napi_env env, napi_value callback, void* context, void*) {
    auto* watch = static_cast<ThreadWatch*>(context);
    // The runtime is ending, or the watch was closed after the thread had seen something.
    if (env == nullptr || watch->is_closed_) return;
    watch->BeginCall(true);
    napi_value self = nullptr;
    napi_get_global(env, &self);
    if (napi_call_function(env, self, callback, 0, nullptr, nullptr) == napi_pending_exception) {
      napi_value error = nullptr;
      napi_get_and_clear_last_exception(env, &error);
      napi_fatal_exception(env, error);
    }
    const bool was_closed = watch->is_closed_;
    const bool is_over = watch->EndCall();
    if (was_closed) return watch->Free();
    if (!is_over) watch->Tell(kGoOn);
  }

  static void OnRelease(napi_env, void* data, void*) {
    auto* watch = static_cast<ThreadWatch*>(data);
    watch->is_released_ = true;
    // The runtime ends before anybody has closed the watch.
    watch->End();
    watch->Free();
  }

  // The last one to need it lets it go.
  void Free() {
    if (is_closed_ && is_released_ && !is_calling()) delete this;
  }

  int fd_ = -1;
  int pipe_[2] = {-1, -1};
  pthread_t thread_;
  napi_threadsafe_function function_ = nullptr;
  bool is_running_ = false;
  bool is_closed_ = false;
  bool is_released_ = false;
};

}  // namespace

Watch* WatchByThread(napi_env env, const WatchOptions& options) {
  auto* watch = new ThreadWatch(options);
  return watch->Start(env, options) ? watch : nullptr;
}

}  // namespace iomux
