#include <pthread.h>
#include <time.h>

#include "interrupt.h"
#include "thread.h"

namespace iomux {

// A message to its event loop tells a worker to end, and a blocked worker does not read it. This
// thread notices: any message to the loop ends the system call that the worker is blocked in. Back
// in JavaScript, the worker ends if that is what the message said, and otherwise goes on with the
// time that is left.
class WorkerWatch {
 public:
  // On the worker's thread, which is the one to interrupt.
  explicit WorkerWatch(Interrupt* of_worker) : interrupt_(of_worker), worker_(pthread_self()) {}

  bool Start(int loop_fd) {
    if (!InstallKick() || !loop_.Open(loop_fd)) return false;
    const auto run = [](void* self) -> void* {
      static_cast<WorkerWatch*>(self)->Run();
      return nullptr;
    };
    running_ = StartThread(&thread_, run, this) == 0;
    if (!running_) loop_.Close();
    return running_;
  }

  ~WorkerWatch() {
    if (!running_) return;
    loop_.Stop();
    pthread_join(thread_, nullptr);
    loop_.Close();
  }

  WorkerWatch(const WorkerWatch&) = delete;
  WorkerWatch& operator=(const WorkerWatch&) = delete;

 private:
  void Run() {
    constexpr struct timespec kEvery = {0, kKickEveryNanoseconds};
    while (loop_.Next()) {
      interrupt_->pending = true;
      // Again and again: the first kick may fall between the check and the system call. A worker
      // that is not in a call by then checks the flag before its next one.
      do {
        if (interrupt_->in_call) pthread_kill(worker_, KickSignal());
        nanosleep(&kEvery, nullptr);
      } while (interrupt_->pending && interrupt_->in_call);
    }
  }

  Interrupt* const interrupt_;
  const pthread_t worker_;
  pthread_t thread_;
  LoopWatch loop_;
  bool running_ = false;
};

WorkerWatch* StartWorkerWatch(int loop_fd, Interrupt* of_worker) {
  auto* watch = new WorkerWatch(of_worker);
  if (watch->Start(loop_fd)) return watch;
  delete watch;
  return nullptr;
}

void StopWorkerWatch(WorkerWatch* watch) { delete watch; }

}  // namespace iomux
