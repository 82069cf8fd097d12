// What every system provides that has POSIX: see platform.h.
#include "platform.h"

#if !defined(IOMUX_PLATFORM_LINUX)

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "thread.h"

namespace iomux {

namespace {

int CloseOnExec(int fd) {
  if (fd != -1) fcntl(fd, F_SETFD, FD_CLOEXEC);
  return fd;
}

}  // namespace

int OpenSocket(int family, int type, int protocol) {
  return CloseOnExec(socket(family, type, protocol));
}

int OpenSocketpair(int family, int type, int protocol, int fds[2]) {
  const int result = socketpair(family, type, protocol, fds);
  if (result == 0) {
    CloseOnExec(fds[0]);
    CloseOnExec(fds[1]);
  }
  return result;
}

int Accept(int fd, struct sockaddr* address, socklen_t* length) {
  const int made = CloseOnExec(accept(fd, address, length));
  // Outside Linux a connection inherits its listener's flags.
  int nonblocking = 0;
  if (made != -1) ioctl(made, FIONBIO, &nonblocking);
  return made;
}

bool WakeUp::Open() {
  int fds[2];
  if (pipe(fds) == -1) return false;
  read_fd_ = CloseOnExec(fds[0]);
  write_fd_ = CloseOnExec(fds[1]);
  fcntl(read_fd_, F_SETFL, O_NONBLOCK);
  fcntl(write_fd_, F_SETFL, O_NONBLOCK);
  return true;
}

void WakeUp::Close() {
  close(read_fd_);
  close(write_fd_);
  read_fd_ = write_fd_ = -1;
}

void WakeUp::Signal() const {
  const char byte = 0;
  // A full pipe is readable already.
  static_cast<void>(!write(write_fd_, &byte, 1));
}

void WakeUp::Clear() const {
  char bytes[512];
  while (read(read_fd_, bytes, sizeof(bytes)) == sizeof(bytes)) continue;
}

#if !defined(IOMUX_PLATFORM_DARWIN)
bool IsFirstThread() { return false; }
#endif

// Not every system has signals of the real-time range; SIGEMT is for processors of long ago.
#if defined(SIGRTMAX)
int KickSignal() { return SIGRTMAX - 2; }
#else
int KickSignal() { return SIGEMT; }
#endif

namespace {

struct {
  pthread_t thread;
  WakeUp begin;
  // After how many times kKickEveryNanoseconds the next kick comes; 0 while there are none.
  std::atomic<int> left{0};
  // The kicker has seen that it is time, and has not kicked yet.
  std::atomic<bool> about_to{false};
} kicks;

void* RunKicker(void*) {
  constexpr struct timespec kEvery = {0, kKickEveryNanoseconds};
  for (;;) {
    struct pollfd begin = {kicks.begin.fd(), POLLIN, 0};
    poll(&begin, 1, -1);
    kicks.begin.Clear();
    for (int left = kicks.left; left > 0; left = kicks.left) {
      nanosleep(&kEvery, nullptr);
      if (left > 1) {
        kicks.left.compare_exchange_strong(left, left - 1);
        continue;
      }
      kicks.about_to = true;
      if (kicks.left == 1) pthread_kill(kicks.thread, KickSignal());
      kicks.about_to = false;
    }
  }
  return nullptr;
}

}  // namespace

bool PrepareKicks() {
  kicks.thread = pthread_self();
  if (!kicks.begin.Open()) return false;
  pthread_t kicker;
  const int error = StartThread(&kicker, RunKicker, nullptr);
  if (error == 0) {
    pthread_detach(kicker);
    return true;
  }
  kicks.begin.Close();
  errno = error;
  return false;
}

void Kick(long first) {
  const int left = static_cast<int>(first / kKickEveryNanoseconds);
  const int before = kicks.left.exchange(left);
  if (left > 0 && before == 0) kicks.begin.Signal();
  if (left > 0 || before == 0) return;
  while (kicks.about_to) continue;
  // A kick that was just sent arrives on the way back from any system call.
  getppid();
}

bool LoopWatch::Open(int loop_fd) {
  loop_fd_ = loop_fd;
  return stop_.Open();
}

void LoopWatch::Close() { stop_.Close(); }

bool LoopWatch::Next() {
  // poll(2) cannot tell a new message from one that nobody has read yet: while there is one, it
  // counts as new every so often.
  constexpr int kUnreadMilliseconds = 20;
  if (loop_fd_ == -1) {
    struct pollfd stop = {stop_.fd(), POLLIN, 0};
    return poll(&stop, 1, kBlindMilliseconds) == 0;
  }
  for (;;) {
    struct pollfd watched[] = {{stop_.fd(), POLLIN, 0}, {loop_fd_, POLLIN, 0}};
    const int n = poll(watched, seen_ ? 1 : 2, seen_ ? kUnreadMilliseconds : -1);
    if (n == -1 && errno != EINTR) return false;
    if (n > 0 && watched[0].revents != 0) return false;
    if (n > 0 && watched[1].revents != 0) return seen_ = true;
    seen_ = false;
  }
}

void LoopWatch::Stop() const { stop_.Signal(); }

}  // namespace iomux

#endif
