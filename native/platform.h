// What each system must provide, and how the rest of native/ asks for it.
//
// platform-linux.cc serves Linux. platform-posix.cc needs nothing but POSIX: it serves macOS, the
// BSDs and every other system, and Linux too when it is built with IOMUX_PLATFORM=posix, which is
// how it is tested. platform-darwin.cc adds what macOS has of its own. Each of these files is
// wrapped whole, so the logic in all the others has no #if.
//
// - Descriptors. Each is close-on-exec from its first moment on, where the system can do that; else
//   right after. One that accept(2) has made blocks, even if its listener does not.
// - A wake-up: a descriptor that a signal handler makes readable. eventfd(2), or a pipe.
// - Kicks: signals sent to one thread every few milliseconds, which end the system call that it
//   sleeps in. A signal handler turns them on and off. A timer of the kernel, or a thread.
// - A wait for blocked signals: sigtimedwait(2), or sigwait(3), which knows no time.
// - A watch on an event loop's own descriptor, for the thread that notices a message to a blocked
//   worker. epoll(7), or poll(2).
// - sendfile(2), where there is one. socket.sendfile reads and sends elsewhere.
// - recvmmsg(2) and sendmmsg(2), where there are. Elsewhere the socket's methods receive one
// datagram,
//   and send one after the other.
// - The databases of hosts, services and protocols: databases-glibc.cc where libc has reentrant
//   calls, databases-posix.cc with a lock elsewhere.
//
// - Whether a thread is the one that the process began with.
//
// Two things that look as if they belonged here do not. Which other thread may be the main one is
// Node's to say (addon.cc). And nothing is done about SIGPIPE: as Python does, Node, Bun and Deno
// ignore it from the start, so a write to a broken connection fails with EPIPE, and a program that
// gives SIGPIPE another meaning gets that.
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <csignal>
#include <cstddef>

#if defined(IOMUX_PLATFORM_POSIX)
#define IOMUX_PLATFORM "posix"
#elif defined(__linux__)
#define IOMUX_PLATFORM "linux"
#define IOMUX_PLATFORM_LINUX 1
#define IOMUX_HAS_EPOLL 1
#define IOMUX_HAS_SENDFILE 1
#define IOMUX_HAS_MMSG 1
#elif defined(__APPLE__)
#define IOMUX_PLATFORM "darwin"
#define IOMUX_PLATFORM_DARWIN 1
#define IOMUX_HAS_SENDFILE 1
#else
#define IOMUX_PLATFORM "posix"
#endif

#if !defined(__APPLE__) && !defined(__OpenBSD__)
#define IOMUX_HAS_SIGTIMEDWAIT 1
#endif

#if __has_include(<sys/event.h>)
#define IOMUX_HAS_KQUEUE 1
#endif

namespace iomux {

// Each returns a descriptor, or -1 and errno; OpenSocketpair returns 0 or -1.
int OpenSocket(int family, int type, int protocol);
int OpenSocketpair(int family, int type, int protocol, int fds[2]);
int Accept(int fd, struct sockaddr* address, socklen_t* length);

#if defined(IOMUX_HAS_SENDFILE)
// How many bytes of the file, from `offset` on, went into the socket; -1 and errno if none.
ssize_t SendFile(int out, int file, off_t offset, size_t count);
#endif

// A descriptor that is readable from Signal() to Clear().
class WakeUp {
 public:
  bool Open();
  void Close();
  int fd() const { return read_fd_; }
  // May be called from a signal handler.
  void Signal() const;
  void Clear() const;

 private:
  int read_fd_ = -1;
  int write_fd_ = -1;
};

// Whether the process began with the calling thread. False if the system does not say.
bool IsFirstThread();

// The signal that interrupts a system call, and does nothing else. Not one that people use.
int KickSignal();

// Says which thread is to be kicked: the one that calls. True on success.
bool PrepareKicks();

// How often a thread is kicked, in nanoseconds.
constexpr long kKickEveryNanoseconds = 10'000'000;

// Kicks that thread, for the first time after so many nanoseconds, and not any more if that is 0;
// from a signal handler, or from the thread itself. None arrives after they were turned off.
void Kick(long first);

// The descriptor of a worker's event loop, watched by another thread. -1 stands for a loop that
// nobody can look into: there may be a message every kBlindMilliseconds.
class LoopWatch {
 public:
  static constexpr int kBlindMilliseconds = 50;

  // False, with nothing left open, if the process has no descriptors to spare.
  bool Open(int loop_fd);
  void Close();
  // Sleeps until there is a message for the loop: true. False once Stop() was called.
  bool Next();
  void Stop() const;

 private:
  int loop_fd_ = -1;
  // What epoll(7) needs, and what poll(2) does: whether the last message may still be unread.
  [[maybe_unused]] int poll_fd_ = -1;
  [[maybe_unused]] bool seen_ = false;
  WakeUp stop_;
};

}  // namespace iomux
