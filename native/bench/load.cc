// The load: many clients in one thread. Prints one line of JSON: what was done in the measured
// time, what it cost the server and the load itself, and all latencies as [nanoseconds, count]
// pairs.
//
// Usage: load <what> <host> <port> [options], see options.h
#include <sys/resource.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <deque>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "histogram.h"
#include "options.h"
#include "sockets.h"

namespace {

constexpr size_t kChunk = 64 * 1024;

// What `ask` sends, and what it wants back.
constexpr char kRequest[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr char kBody[] = "Hello, world\n";

// One connection: the bytes to send, and when each message in flight was due.
struct Connection {
  int fd = -1;
  // Bytes still to be sent; bytes sent and received in total.
  size_t unsent = 0;
  size_t sent = 0;
  size_t received = 0;
  bool waits_to_write = false;
  std::deque<double> due;
  // Of `ask`: the beginning of a response.
  std::string response;
};

class Load {
 public:
  explicit Load(const Options& options)
      : options_(options),
        address_(address_of(options.host, options.port)),
        epfd_(must(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {
    if (options.send != nullptr) {
      std::ifstream file(options.send, std::ios::binary);
      message_.assign(std::istreambuf_iterator<char>(file), {});
      if (message_.empty()) fail("the file to send is missing or empty");
    } else if (options.what == "ask") {
      message_ = kRequest;
    } else {
      message_.resize(static_cast<size_t>(options.size));
      for (size_t i = 0; i < message_.size(); i++) message_[i] = static_cast<char>('a' + i % 26);
    }
    // So that any part of a run of messages is in there in one piece.
    while (pattern_.size() < message_.size() + kChunk) pattern_ += message_;
    // Enough descriptors for all connections.
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }

  void Start() {
    for (int i = 0; i < options_.idle; i++) Connect();
    connections_.resize(static_cast<size_t>(options_.connections));
    for (Connection& connection : connections_) Open(connection);
    // The server sends on to those that it has accepted: give it time to accept all.
    if (options_.what == "fanout") sleep(1);
    start_ = now();
    if (options_.rate > 0 || options_.what == "idle") return;
    for (Connection& connection : connections_) Begin(connection, options_.depth);
  }

  void RunUntil(double end) {
    struct epoll_event events[256];
    for (double time = now(); time < end; time = now()) {
      int wait = 100;
      if (options_.rate > 0) {
        SendDue(time);
        const double next = start_ + static_cast<double>(scheduled_) / options_.rate;
        // Rather early than late: the rest of a millisecond is spent polling.
        wait = static_cast<int>(std::max(0.0, std::min(100.0, floor((next - now()) * 1e3))));
      }
      const int ready = must(epoll_wait(epfd_, events, 256, wait), "epoll_wait");
      for (int i = 0; i < ready; i++) {
        auto& connection = *static_cast<Connection*>(events[i].data.ptr);
        if (events[i].events & EPOLLOUT) Send(connection);
        if (events[i].events & ~EPOLLOUT) Receive(connection);
      }
    }
  }

  // Waits for the messages in flight, so that no server sees a connection break.
  void Finish() {
    is_finishing_ = true;
    for (double most = now() + 2; under_way_ > 0 && now() < most;) RunUntil(now() + 0.01);
  }

  void Forget() { latencies_.Forget(); }
  const Histogram& latencies() const { return latencies_; }

 private:
  bool is_datagram() const { return options_.what == "udp"; }
  bool is_short() const { return options_.what == "churn" || options_.what == "exchange"; }

  int Connect() {
    const int type = is_datagram() ? SOCK_DGRAM : SOCK_STREAM;
    const int fd = must(socket(AF_INET, type | SOCK_CLOEXEC, 0), "socket");
    if (is_short()) {
      // A port cannot be used again for a minute: so from many addresses.
      struct sockaddr_in from = {};
      from.sin_family = AF_INET;
      from.sin_addr.s_addr = htonl(0x7f000002 + static_cast<uint32_t>(opened_++ / 1000 % 250));
      const int on = 1;
      must(setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)), "setsockopt");
      must(bind(fd, generic(from), sizeof(from)), "bind");
    }
    must(connect(fd, generic(address_), sizeof(address_)), "connect");
    // With one message each there is nothing that Nagle's algorithm could wait for.
    if (!is_datagram() && !is_short()) set_nodelay(fd);
    return fd;
  }

  void Open(Connection& connection) {
    connection = {};
    connection.fd = Connect();
    control(epfd_, EPOLL_CTL_ADD, connection.fd, EPOLLIN, &connection);
  }

  // Starts this many messages.
  void Begin(Connection& connection, int count) {
    if (is_finishing_) return;
    // All connections wait for a message that goes to all.
    const bool is_fanout = options_.what == "fanout";
    if (is_fanout && &connection != connections_.data()) return;
    const double time = now();
    for (int i = 0; i < count; i++) {
      if (is_fanout) {
        for (Connection& one : connections_) Expect(one, time);
      } else {
        Expect(connection, time);
      }
      connection.unsent += message_.size();
    }
    Send(connection);
  }

  void Expect(Connection& connection, double since) {
    connection.due.push_back(since);
    under_way_++;
  }

  // Sends the messages that are due, one connection after the other.
  void SendDue(double time) {
    for (;; scheduled_++) {
      const double due = start_ + static_cast<double>(scheduled_) / options_.rate;
      if (due > time || is_finishing_) return;
      Connection& connection = connections_[scheduled_ % connections_.size()];
      Expect(connection, due);
      connection.unsent += message_.size();
      Send(connection);
    }
  }

  void Send(Connection& connection) {
    while (connection.unsent > 0) {
      const size_t most = is_datagram() ? message_.size() : std::min(connection.unsent, kChunk);
      const char* bytes = pattern_.data() + connection.sent % message_.size();
      const ssize_t n = send(connection.fd, bytes, most, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n == -1 && errno == EAGAIN) break;
      if (n == -1) fail(strerror(errno));
      connection.sent += static_cast<size_t>(n);
      connection.unsent -= static_cast<size_t>(n);
    }
    const bool waits = connection.unsent > 0;
    if (waits == connection.waits_to_write) return;
    connection.waits_to_write = waits;
    const uint32_t events = waits ? EPOLLIN | EPOLLOUT : EPOLLIN;
    control(epfd_, EPOLL_CTL_MOD, connection.fd, events, &connection);
  }

  void Receive(Connection& connection) {
    const ssize_t n = recv(connection.fd, chunk_, kChunk, MSG_DONTWAIT);
    if (n == -1 && errno == EAGAIN) return;
    if (n == -1) fail(strerror(errno));
    if (options_.what == "exchange") {
      // The response is complete when the server closes.
      if (n > 0) return;
      Complete(connection, now());
      return Reopen(connection);
    }
    if (n == 0) fail("the server closed a connection");
    const auto length = static_cast<size_t>(n);
    if (options_.what == "ask") return Continue(connection, TakeResponses(connection, length));
    const char* expected = pattern_.data() + connection.received % message_.size();
    if (memcmp(chunk_, expected, length) != 0) fail("the server sent other bytes than it got");
    const size_t before = connection.received / message_.size();
    connection.received += length;
    Continue(connection, connection.received / message_.size() - before);
  }

  // Takes the responses that are whole, and returns how many they are.
  size_t TakeResponses(Connection& connection, size_t length) {
    std::string& response = connection.response;
    response.append(chunk_, length);
    size_t complete = 0;
    for (;; complete++) {
      const size_t head = response.find("\r\n\r\n");
      if (head == std::string::npos) return complete;
      const char* size = strcasestr(response.c_str(), "\r\ncontent-length: ");
      if (response.compare(0, 12, "HTTP/1.1 200") != 0 || size == nullptr) {
        fail("the server sent no response of known length");
      }
      const size_t body = head + strlen("\r\n\r\n");
      const auto all = body + strtoul(size + strlen("\r\ncontent-length: "), nullptr, 10);
      if (response.size() < all) return complete;
      if (response.substr(body, all - body) != kBody) fail("the server sent another response");
      response.erase(0, all);
    }
  }

  // What follows when so many messages have come back.
  void Continue(Connection& connection, size_t complete) {
    if (complete == 0) return;
    if (connection.due.size() < complete) fail("the server sent more than it got");
    const double time = now();
    for (size_t i = 0; i < complete; i++) Complete(connection, time);
    if (options_.what == "churn") return Reopen(connection);
    if (options_.rate > 0) return;
    // The next message to all is sent when all have received the last.
    if (options_.what != "fanout") Begin(connection, static_cast<int>(complete));
    if (options_.what == "fanout" && under_way_ == 0) Begin(connections_[0], options_.depth);
  }

  void Complete(Connection& connection, double time) {
    latencies_.Record(time - connection.due.front());
    connection.due.pop_front();
    under_way_--;
  }

  void Reopen(Connection& connection) {
    close(connection.fd);
    if (is_finishing_) return;
    Open(connection);
    Begin(connection, 1);
  }

  const Options options_;
  const struct sockaddr_in address_;
  const int epfd_;
  std::string message_;
  std::string pattern_;
  std::vector<Connection> connections_;
  Histogram latencies_;
  double start_ = 0;
  size_t scheduled_ = 0;
  size_t under_way_ = 0;
  size_t opened_ = 0;
  bool is_finishing_ = false;
  char chunk_[kChunk];
};

// The CPU time of the server's process, of all its threads: a runtime's helpers count as well.
double cpu_seconds_of(pid_t pid) {
  if (pid == 0) return 0;
  clockid_t clock;
  if (clock_getcpuclockid(pid, &clock) != 0) fail("there is no process with that --pid");
  return seconds_of(clock);
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  const auto load = std::make_unique<Load>(options);
  load->Start();
  if (options.what == "idle") {
    puts("ready");
    fflush(stdout);
    while (getchar() != EOF) continue;
    return 0;
  }
  load->RunUntil(now() + options.warmup);
  load->Forget();

  const double server_before = cpu_seconds_of(options.pid);
  const double load_before = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  const double start = now();
  load->RunUntil(start + options.seconds);
  const double elapsed = now() - start;
  const double load_cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - load_before;
  const double server_cpu = cpu_seconds_of(options.pid) - server_before;

  const uint64_t messages = load->latencies().total();
  if (messages == 0) fail("not one message came back");
  printf("{\"messages\": %llu, \"seconds\": %.6f, \"server_cpu\": %.6f, \"load_cpu\": %.6f, ",
         static_cast<unsigned long long>(messages), elapsed, server_cpu, load_cpu);
  fputs("\"latencies\": ", stdout);
  load->latencies().Print(stdout);
  puts("}");
  load->Finish();
}
