// What the benchmark's programs share. They exit with a message when a call fails.
#pragma once

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>

[[noreturn]] inline void fail(const char* what) {
  fprintf(stderr, "%s: %s\n", program_invocation_short_name, what);
  exit(1);
}

// The result of a system call that must not fail.
inline int must(int result, const char* what) {
  if (result == -1) {
    perror(what);
    exit(1);
  }
  return result;
}

inline struct sockaddr_in address_of(const char* host, int port) {
  struct sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  if (port < 0 || port > 65535 || inet_pton(AF_INET, host, &address.sin_addr) != 1) {
    fprintf(stderr, "%s port %d is not an IPv4 address and port\n", host, port);
    exit(2);
  }
  return address;
}

inline const struct sockaddr* generic(const struct sockaddr_in& address) {
  return reinterpret_cast<const struct sockaddr*>(&address);
}

// A socket that is bound to host and port, and listens if it can; says so. Port 0: the system
// chooses one.
inline int listening(const char* host, const char* port, int type) {
  struct sockaddr_in address = address_of(host, atoi(port));
  socklen_t length = sizeof(address);
  const int fd = must(socket(AF_INET, type | SOCK_CLOEXEC, 0), "socket");
  must(bind(fd, generic(address), length), "bind");
  if (type == SOCK_STREAM) must(listen(fd, 1024), "listen");
  must(getsockname(fd, reinterpret_cast<struct sockaddr*>(&address), &length), "getsockname");
  printf("Listening on ('%s', %d)\n", host, ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

inline void set_nodelay(int fd) {
  const int on = 1;
  must(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), "setsockopt");
}

inline void control(int epfd, int operation, int fd, uint32_t events, void* data) {
  struct epoll_event event = {};
  event.events = events;
  event.data.ptr = data;
  must(epoll_ctl(epfd, operation, fd, &event), "epoll_ctl");
}

inline double seconds_of(clockid_t clock) {
  struct timespec now;
  must(clock_gettime(clock, &now), "clock_gettime");
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

inline double now() { return seconds_of(CLOCK_MONOTONIC); }
