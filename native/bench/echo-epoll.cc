// The limit: an echo server that makes the system calls and nothing else. What another server needs
// more than this one is what its language costs.
//
// Usage: echo-epoll <host> <port>     port 0: one of the system's choice
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <unordered_map>
#include <vector>

#include "sockets.h"

namespace {

constexpr int kMostEvents = 1024;
constexpr size_t kChunk = 16 * 1024;

int epfd;
// What the system would not take at once, by descriptor: rarely anything.
std::unordered_map<int, std::vector<char>> unsent;

void control(int operation, int fd, uint32_t events) {
  struct epoll_event event = {};
  event.events = events;
  event.data.fd = fd;
  must(epoll_ctl(epfd, operation, fd, &event), "epoll_ctl");
}

void close_connection(int fd) {
  unsent.erase(fd);
  control(EPOLL_CTL_DEL, fd, 0);
  close(fd);
}

// Sends what there is, and keeps the rest until there is room.
void send_bytes(int fd, const char* bytes, size_t length) {
  const ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);
  if (n == -1 && errno != EAGAIN) return close_connection(fd);
  const size_t sent = n == -1 ? 0 : static_cast<size_t>(n);
  const bool waited = unsent.count(fd) > 0;
  if (sent < length) {
    unsent[fd] = std::vector<char>(bytes + sent, bytes + length);
    if (!waited) control(EPOLL_CTL_MOD, fd, EPOLLOUT);
  } else if (waited) {
    unsent.erase(fd);
    control(EPOLL_CTL_MOD, fd, EPOLLIN);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "Usage: %s <host> <port>\n", argv[0]);
    return 2;
  }
  struct sockaddr_in address = address_of(argv[1], atoi(argv[2]));
  socklen_t length = sizeof(address);
  auto* name = reinterpret_cast<struct sockaddr*>(&address);
  const int listener = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  must(bind(listener, name, length), "bind");
  must(listen(listener, 128), "listen");
  must(getsockname(listener, name, &length), "getsockname");
  printf("Listening on ('%s', %d)\n", argv[1], ntohs(address.sin_port));
  fflush(stdout);
  must(fcntl(listener, F_SETFL, O_NONBLOCK), "fcntl");
  epfd = must(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  control(EPOLL_CTL_ADD, listener, EPOLLIN);

  static struct epoll_event events[kMostEvents];
  static char chunk[kChunk];
  for (;;) {
    const int ready = must(epoll_wait(epfd, events, kMostEvents, -1), "epoll_wait");
    for (int i = 0; i < ready; i++) {
      const int fd = events[i].data.fd;
      if (fd == listener) {
        const int conn = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (conn != -1) control(EPOLL_CTL_ADD, conn, EPOLLIN);
      } else if (const auto rest = unsent.find(fd); rest != unsent.end()) {
        const std::vector<char> bytes = rest->second;
        send_bytes(fd, bytes.data(), bytes.size());
      } else {
        const ssize_t n = recv(fd, chunk, sizeof(chunk), 0);
        if (n > 0) {
          send_bytes(fd, chunk, static_cast<size_t>(n));
        } else if (n == 0 || errno != EAGAIN) {
          close_connection(fd);
        }
      }
    }
  }
}
