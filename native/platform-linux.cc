// What Linux provides: see platform.h.
#include "platform.h"

#if defined(IOMUX_PLATFORM_LINUX)

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

// glibc has had this name of POSIX's neighbour only since version 2.38.
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

namespace iomux {

int OpenSocket(int family, int type, int protocol) {
  return socket(family, type | SOCK_CLOEXEC, protocol);
}

int OpenSocketpair(int family, int type, int protocol, int fds[2]) {
  return socketpair(family, type | SOCK_CLOEXEC, protocol, fds);
}

int Accept(int fd, struct sockaddr* address, socklen_t* length) {
  return accept4(fd, address, length, SOCK_CLOEXEC);
}

ssize_t SendFile(int out, int file, off_t offset, size_t count) {
  return sendfile(out, file, &offset, count);
}

bool WakeUp::Open() {
  read_fd_ = write_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return read_fd_ != -1;
}

void WakeUp::Close() {
  close(read_fd_);
  read_fd_ = write_fd_ = -1;
}

void WakeUp::Signal() const { eventfd_write(write_fd_, 1); }

void WakeUp::Clear() const {
  eventfd_t count;
  eventfd_read(read_fd_, &count);
}

namespace {

// gettid(2) has a function of its own only since glibc 2.30.
pid_t ThreadId() { return static_cast<pid_t>(syscall(SYS_gettid)); }

timer_t kicks;

}  // namespace

bool IsFirstThread() { return ThreadId() == getpid(); }

int KickSignal() { return SIGRTMAX - 2; }

bool PrepareKicks() {
  struct sigevent event = {};
  // To this thread and no other.
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_notify_thread_id = ThreadId();
  event.sigev_signo = KickSignal();
  return timer_create(CLOCK_MONOTONIC, &event, &kicks) == 0;
}

void Kick(long first) {
  constexpr long kSecond = 1'000'000'000;
  struct itimerspec interval = {};
  interval.it_value = {first / kSecond, first % kSecond};
  interval.it_interval.tv_nsec = kKickEveryNanoseconds;
  timer_settime(kicks, 0, &interval, nullptr);
}

namespace {

bool Watch(int poll_fd, int fd, uint32_t events) {
  struct epoll_event event = {};
  event.events = events;
  event.data.fd = fd;
  return epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

}  // namespace

bool LoopWatch::Open(int loop_fd) {
  loop_fd_ = loop_fd;
  if (!stop_.Open()) return false;
  poll_fd_ = epoll_create1(EPOLL_CLOEXEC);
  // Edge-triggered: one event for each message, however long nobody reads it.
  if (poll_fd_ != -1 && Watch(poll_fd_, stop_.fd(), EPOLLIN) &&
      (loop_fd == -1 || Watch(poll_fd_, loop_fd, EPOLLIN | EPOLLET))) {
    return true;
  }
  Close();
  return false;
}

void LoopWatch::Close() {
  if (poll_fd_ != -1) close(poll_fd_);
  poll_fd_ = -1;
  stop_.Close();
}

bool LoopWatch::Next() {
  struct epoll_event event;
  int n;
  do {
    n = epoll_wait(poll_fd_, &event, 1, loop_fd_ == -1 ? kBlindMilliseconds : -1);
  } while (n == -1 && errno == EINTR);
  return n == 0 || (n == 1 && event.data.fd == loop_fd_);
}

void LoopWatch::Stop() const { stop_.Signal(); }

}  // namespace iomux

#endif
