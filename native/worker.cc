#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "interrupt.h"

namespace iomux {

// A message to its event loop tells a worker to end, and a blocked worker does not read it. This
// thread notices: any message to the loop ends the system call that the worker is blocked in. Back
// in JavaScript, the worker ends if that is what the message said, and otherwise goes on with the
// time that is left.
class WorkerWatch {
 public:
  // On the worker's thread, which is the one to interrupt.
  WorkerWatch(int loop_fd, Interrupt* of_worker) : interrupt_(of_worker), worker_(pthread_self()) {
    InstallKick();
    stop_fd_ = eventfd(0, EFD_CLOEXEC);
    poll_fd_ = epoll_create1(EPOLL_CLOEXEC);
    // Edge-triggered: one event for each message, however long nobody reads it.
    Add(loop_fd, EPOLLIN | EPOLLET);
    Add(stop_fd_, EPOLLIN);
    // The new thread must not handle signals.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const auto run = [](void* self) -> void* {
      static_cast<WorkerWatch*>(self)->Run();
      return nullptr;
    };
    running_ = pthread_create(&thread_, nullptr, run, this) == 0;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  ~WorkerWatch() {
    eventfd_write(stop_fd_, 1);
    if (running_) pthread_join(thread_, nullptr);
    close(poll_fd_);
    close(stop_fd_);
  }

  WorkerWatch(const WorkerWatch&) = delete;
  WorkerWatch& operator=(const WorkerWatch&) = delete;

 private:
  static constexpr struct timespec kKickEvery = {0, 10'000'000};

  void Add(int fd, uint32_t events) {
    struct epoll_event event = {};
    event.events = events;
    event.data.fd = fd;
    epoll_ctl(poll_fd_, EPOLL_CTL_ADD, fd, &event);
  }

  void Run() {
    for (;;) {
      struct epoll_event event;
      const int n = epoll_wait(poll_fd_, &event, 1, -1);
      if (n == -1) continue;
      if (event.data.fd == stop_fd_) return;
      interrupt_->pending = true;
      // Again and again: the first kick may fall between the check and the system call. A worker
      // that is not in a call by then checks the flag before its next one.
      do {
        if (interrupt_->in_call) pthread_kill(worker_, KickSignal());
        nanosleep(&kKickEvery, nullptr);
      } while (interrupt_->pending && interrupt_->in_call);
    }
  }

  Interrupt* const interrupt_;
  const pthread_t worker_;
  pthread_t thread_;
  bool running_ = false;
  int stop_fd_;
  int poll_fd_;
};

WorkerWatch* StartWorkerWatch(int loop_fd, Interrupt* of_worker) {
  return new WorkerWatch(loop_fd, of_worker);
}

void StopWorkerWatch(WorkerWatch* watch) { delete watch; }

}  // namespace iomux
