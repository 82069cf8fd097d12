// The limit: a server that makes the system calls and nothing else. What another server needs
// beyond that is the cost of its language.
//
// Usage: echo-epoll <host> <port> [echo | broadcast | http | udp]     port 0: the system chooses
// one
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "sockets.h"

namespace {

constexpr int kMostEvents = 1024;
constexpr size_t kChunk = 64 * 1024;

int epfd;
char chunk[kChunk];

struct Connection {
  int fd;
  // What the system would not take at once: rarely anything.
  std::vector<char> unsent;
  // Of http: the beginning of a request.
  std::string request;
};

enum class What { kEcho, kBroadcast, kHttp };

constexpr char kResponse[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n";
constexpr char kNotFound[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

std::set<Connection*> connections;

void close_connection(Connection* connection) {
  connections.erase(connection);
  control(epfd, EPOLL_CTL_DEL, connection->fd, 0, nullptr);
  close(connection->fd);
  delete connection;
}

// Sends bytes after those already waiting, and keeps the rest until there is room.
void send_bytes(Connection* connection, const char* bytes, size_t length) {
  std::vector<char>& unsent = connection->unsent;
  ssize_t n = 0;
  if (unsent.empty()) {
    n = send(connection->fd, bytes, length, MSG_NOSIGNAL);
    // recv will report that a peer has gone.
    if (n == -1 && errno != EAGAIN) return;
    n = n == -1 ? 0 : n;
  }
  if (static_cast<size_t>(n) == length) return;
  if (unsent.empty()) control(epfd, EPOLL_CTL_MOD, connection->fd, EPOLLIN | EPOLLOUT, connection);
  unsent.insert(unsent.end(), bytes + n, bytes + length);
}

void send_unsent(Connection* connection) {
  std::vector<char>& unsent = connection->unsent;
  const ssize_t n = send(connection->fd, unsent.data(), unsent.size(), MSG_NOSIGNAL);
  if (n > 0) unsent.erase(unsent.begin(), unsent.begin() + n);
  if (unsent.empty()) control(epfd, EPOLL_CTL_MOD, connection->fd, EPOLLIN, connection);
}

// Answers each request that is whole.
void respond(Connection* connection, size_t length) {
  std::string& request = connection->request;
  request.append(chunk, length);
  for (size_t end; (end = request.find("\r\n\r\n")) != std::string::npos;) {
    const bool is_known = request.compare(0, 6, "GET / ") == 0;
    if (is_known) send_bytes(connection, kResponse, strlen(kResponse));
    if (!is_known) send_bytes(connection, kNotFound, strlen(kNotFound));
    request.erase(0, end + strlen("\r\n\r\n"));
  }
}

void serve(Connection* connection, What what) {
  const ssize_t n = recv(connection->fd, chunk, kChunk, 0);
  if (n == 0 || (n == -1 && errno != EAGAIN)) return close_connection(connection);
  if (n == -1) return;
  if (what == What::kEcho) return send_bytes(connection, chunk, static_cast<size_t>(n));
  if (what == What::kHttp) return respond(connection, static_cast<size_t>(n));
  for (Connection* one : connections) send_bytes(one, chunk, static_cast<size_t>(n));
}

void serve_streams(int listener, What what) {
  must(fcntl(listener, F_SETFL, O_NONBLOCK), "fcntl");
  epfd = must(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  control(epfd, EPOLL_CTL_ADD, listener, EPOLLIN, nullptr);
  static struct epoll_event events[kMostEvents];
  for (;;) {
    const int ready = epoll_wait(epfd, events, kMostEvents, -1);
    // strace interrupts it when it attaches.
    if (ready == -1 && errno == EINTR) continue;
    must(ready, "epoll_wait");
    for (int i = 0; i < ready; i++) {
      auto* connection = static_cast<Connection*>(events[i].data.ptr);
      if (connection == nullptr) {
        const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd == -1) continue;
        set_nodelay(fd);
        connection = new Connection{fd, {}, {}};
        connections.insert(connection);
        control(epfd, EPOLL_CTL_ADD, fd, EPOLLIN, connection);
        continue;
      }
      if (events[i].events & EPOLLOUT) send_unsent(connection);
      if (events[i].events & ~EPOLLOUT) serve(connection, what);
    }
  }
}

void serve_datagrams(int fd) {
  for (;;) {
    struct sockaddr_in peer;
    socklen_t length = sizeof(peer);
    const ssize_t n =
        recvfrom(fd, chunk, kChunk, 0, reinterpret_cast<struct sockaddr*>(&peer), &length);
    if (n >= 0) sendto(fd, chunk, static_cast<size_t>(n), 0, generic(peer), length);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc == 4 ? argv[3] : "echo";
  const bool is_known = what == "echo" || what == "broadcast" || what == "http" || what == "udp";
  if (argc < 3 || argc > 4 || !is_known) {
    fprintf(stderr, "Usage: %s <host> <port> [echo | broadcast | http | udp]\n", argv[0]);
    return 2;
  }
  const int type = what == "udp" ? SOCK_DGRAM : SOCK_STREAM;
  const int fd = listening(argv[1], argv[2], type);
  if (type == SOCK_DGRAM) serve_datagrams(fd);
  serve_streams(fd, what == "echo" ? What::kEcho : what == "http" ? What::kHttp : What::kBroadcast);
}
