// The load: every connection sends a message, waits until all of it has come back, and sends the
// next. Prints one line of JSON: what was done in the measured time, and what it cost the server.
//
// Usage: load <host> <port> [options], see usage() below
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <vector>

#include "sockets.h"

namespace {

struct Options {
  int connections = 50;
  int size = 64;
  double seconds = 3;
  double warmup = 0.5;
  pid_t pid = 0;
};

struct Connection {
  int fd;
  size_t sent = 0;
  size_t received = 0;
  double started = 0;
};

[[noreturn]] void usage(int status) {
  fprintf(status == 0 ? stdout : stderr,
          "Usage: load <host> <port> [options]\n"
          "  --connections N  how many at a time (50)\n"
          "  --size BYTES     of one message (64)\n"
          "  --seconds S      to measure (3)\n"
          "  --warmup S       before that (0.5)\n"
          "  --pid PID        the server's process: what CPU time does an echo cost it?\n");
  exit(status);
}

Options parse(int argc, char** argv) {
  static const struct option kOptions[] = {{"connections", required_argument, nullptr, 'c'},
                                           {"size", required_argument, nullptr, 's'},
                                           {"seconds", required_argument, nullptr, 't'},
                                           {"warmup", required_argument, nullptr, 'w'},
                                           {"pid", required_argument, nullptr, 'p'},
                                           {"help", no_argument, nullptr, 'h'},
                                           {nullptr, 0, nullptr, 0}};
  Options options;
  for (int flag; (flag = getopt_long(argc, argv, "", kOptions, nullptr)) != -1;) {
    switch (flag) {
      case 'c':
        options.connections = atoi(optarg);
        break;
      case 's':
        options.size = atoi(optarg);
        break;
      case 't':
        options.seconds = atof(optarg);
        break;
      case 'w':
        options.warmup = atof(optarg);
        break;
      case 'p':
        options.pid = atoi(optarg);
        break;
      default:
        usage(flag == 'h' ? 0 : 2);
    }
  }
  if (argc - optind != 2 || options.connections < 1 || options.size < 1 || options.seconds <= 0 ||
      options.warmup < 0) {
    usage(2);
  }
  return options;
}

double seconds_of(clockid_t clock) {
  struct timespec now;
  must(clock_gettime(clock, &now), "clock_gettime");
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// The CPU time of the server's process, of all its threads: a runtime's helpers count as well.
double cpu_seconds_of(pid_t pid) {
  if (pid == 0) return 0;
  clockid_t clock;
  if (clock_getcpuclockid(pid, &clock) != 0) {
    fprintf(stderr, "no process %d\n", pid);
    exit(1);
  }
  return seconds_of(clock);
}

[[noreturn]] void fail(const char* what) {
  fprintf(stderr, "load: %s\n", what);
  exit(1);
}

class Load {
 public:
  explicit Load(const Options& options)
      : message_(static_cast<size_t>(options.size)), incoming_(message_.size()) {
    for (size_t i = 0; i < message_.size(); i++) message_[i] = static_cast<char>('a' + i % 26);
  }

  void Connect(const struct sockaddr_in& address, int count) {
    epfd_ = must(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    connections_.resize(static_cast<size_t>(count));
    for (Connection& connection : connections_) {
      connection.fd = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
      must(connect(connection.fd, reinterpret_cast<const struct sockaddr*>(&address),
                   sizeof(address)),
           "connect");
      const int on = 1;
      must(setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), "setsockopt");
      must(fcntl(connection.fd, F_SETFL, O_NONBLOCK), "fcntl");
      struct epoll_event event = {};
      event.events = EPOLLIN;
      event.data.ptr = &connection;
      must(epoll_ctl(epfd_, EPOLL_CTL_ADD, connection.fd, &event), "epoll_ctl");
    }
    for (Connection& connection : connections_) Begin(connection);
  }

  // Goes on until a moment of the monotonic clock.
  void RunUntil(double end) {
    struct epoll_event events[64];
    while (seconds_of(CLOCK_MONOTONIC) < end) {
      const int ready = must(epoll_wait(epfd_, events, 64, 1000), "epoll_wait");
      for (int i = 0; i < ready; i++) Receive(*static_cast<Connection*>(events[i].data.ptr));
    }
  }

  // Lets what is under way come back, so that no server sees its connection break.
  void Finish() {
    finishing_ = true;
    const double most = seconds_of(CLOCK_MONOTONIC) + 5;
    while (under_way_ > 0 && seconds_of(CLOCK_MONOTONIC) < most) {
      struct epoll_event event;
      if (must(epoll_wait(epfd_, &event, 1, 1000), "epoll_wait") == 1) {
        Receive(*static_cast<Connection*>(event.data.ptr));
      }
    }
  }

  void Forget() { latencies_.clear(); }
  size_t echoes() const { return latencies_.size(); }

  double Percentile(double fraction) {
    if (latencies_.empty()) return 0;
    const auto index = static_cast<size_t>(fraction * static_cast<double>(latencies_.size() - 1));
    std::nth_element(latencies_.begin(), latencies_.begin() + static_cast<ptrdiff_t>(index),
                     latencies_.end());
    return latencies_[index];
  }

 private:
  void Begin(Connection& connection) {
    connection.sent = connection.received = 0;
    connection.started = seconds_of(CLOCK_MONOTONIC);
    under_way_++;
    Send(connection);
  }

  void Send(Connection& connection) {
    const ssize_t n = send(connection.fd, message_.data() + connection.sent,
                           message_.size() - connection.sent, MSG_NOSIGNAL);
    if (n > 0) {
      connection.sent += static_cast<size_t>(n);
    } else if (errno != EAGAIN) {
      fail(strerror(errno));
    }
  }

  void Receive(Connection& connection) {
    const ssize_t n = recv(connection.fd, incoming_.data(), incoming_.size(), 0);
    if (n == 0) fail("the server closed a connection");
    if (n == -1) return errno == EAGAIN ? void() : fail(strerror(errno));
    const auto length = static_cast<size_t>(n);
    if (connection.received + length > connection.sent ||
        memcmp(incoming_.data(), message_.data() + connection.received, length) != 0) {
      fail("the server sent back other bytes than it got");
    }
    connection.received += length;
    if (connection.received == message_.size()) {
      latencies_.push_back(
          static_cast<float>((seconds_of(CLOCK_MONOTONIC) - connection.started) * 1e6));
      under_way_--;
      if (!finishing_) Begin(connection);
    } else if (connection.sent < message_.size()) {
      // A message larger than the buffers between us moves on as the echo makes room.
      Send(connection);
    }
  }

  int epfd_ = -1;
  size_t under_way_ = 0;
  bool finishing_ = false;
  std::vector<char> message_;
  std::vector<char> incoming_;
  std::vector<Connection> connections_;
  std::vector<float> latencies_;
};

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  Load load(options);
  load.Connect(address_of(argv[optind], atoi(argv[optind + 1])), options.connections);
  load.RunUntil(seconds_of(CLOCK_MONOTONIC) + options.warmup);
  load.Forget();

  const double cpu_before = cpu_seconds_of(options.pid);
  const double start = seconds_of(CLOCK_MONOTONIC);
  load.RunUntil(start + options.seconds);
  const double elapsed = seconds_of(CLOCK_MONOTONIC) - start;
  const double cpu = cpu_seconds_of(options.pid) - cpu_before;

  const auto echoes = static_cast<double>(load.echoes());
  const double p50 = load.Percentile(0.5);
  const double p99 = load.Percentile(0.99);
  load.Finish();
  if (echoes == 0) fail("not one echo came back");
  printf(
      "{\"echoes\": %.0f, \"per_second\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f, "
      "\"cpu_us_per_echo\": %.3f}\n",
      echoes, echoes / elapsed, p50, p99, cpu * 1e6 / echoes);
}
