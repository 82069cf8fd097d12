// What readiness by io_uring would cost instead of epoll: an echo server that makes the system
// calls and nothing else. Each descriptor is watched by one multishot poll, so that there is one
// system call for each batch of events and none for a new connection; and connections are accepted
// in bursts.
//
// Usage: echo-uring <host> <port> echo     port 0: the system chooses one
#include <linux/io_uring.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "sockets.h"

namespace {

constexpr size_t kChunk = 64 * 1024;
constexpr unsigned kRequests = 1024;
constexpr unsigned kEvents = 8192;
// What a request is about that only removes another.
constexpr uint64_t kNothing = ~uint64_t{0};

char chunk[kChunk];

// The two queues that the process shares with the kernel. io_uring_setup(2)
class Ring {
 public:
  Ring() {
    struct io_uring_params params = {};
    // Without the last two flags, the kernel interrupts the server for each event, which doubles
    // what an echo costs.
    params.flags = IORING_SETUP_CQSIZE | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
    params.cq_entries = kEvents;
    fd_ = must(static_cast<int>(syscall(SYS_io_uring_setup, kRequests, &params)), "io_uring_setup");
    const auto [sq, cq] = std::pair{params.sq_off, params.cq_off};
    char* requests = map(sq.array + params.sq_entries * sizeof(unsigned), IORING_OFF_SQ_RING);
    char* events = map(cq.cqes + params.cq_entries * sizeof(io_uring_cqe), IORING_OFF_CQ_RING);
    char* entries = map(params.sq_entries * sizeof(io_uring_sqe), IORING_OFF_SQES);
    requests_ = reinterpret_cast<io_uring_sqe*>(entries);
    order_ = reinterpret_cast<unsigned*>(requests + sq.array);
    last_request_ = reinterpret_cast<unsigned*>(requests + sq.tail);
    events_ = reinterpret_cast<io_uring_cqe*>(events + cq.cqes);
    first_event_ = reinterpret_cast<unsigned*>(events + cq.head);
    last_event_ = reinterpret_cast<unsigned*>(events + cq.tail);
  }

  void watch(int fd) {
    io_uring_sqe request = {};
    request.opcode = IORING_OP_POLL_ADD;
    request.fd = fd;
    request.len = IORING_POLL_ADD_MULTI;
    request.poll32_events = POLLIN;
    request.user_data = static_cast<uint64_t>(fd);
    add(request);
  }

  // At once: until then, the connection would stay open.
  void forget(int fd) {
    io_uring_sqe request = {};
    request.opcode = IORING_OP_POLL_REMOVE;
    request.addr = static_cast<uint64_t>(fd);
    request.user_data = kNothing;
    add(request);
    enter(0);
  }

  // Hands over what was added, and waits for so many events.
  void enter(unsigned least) {
    const unsigned flags = least == 0 ? 0 : IORING_ENTER_GETEVENTS;
    const long n = syscall(SYS_io_uring_enter, fd_, added_, least, flags, nullptr, 0);
    // strace interrupts it when it attaches.
    if (n == -1 && errno == EINTR) return;
    added_ -= static_cast<unsigned>(must(static_cast<int>(n), "io_uring_enter"));
  }

  // The next event, if there is one.
  bool next(io_uring_cqe* event) {
    const unsigned first = *first_event_;
    if (first == __atomic_load_n(last_event_, __ATOMIC_ACQUIRE)) return false;
    *event = events_[first % kEvents];
    __atomic_store_n(first_event_, first + 1, __ATOMIC_RELEASE);
    return true;
  }

 private:
  char* map(size_t length, off_t what) {
    void* memory =
        mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd_, what);
    if (memory == MAP_FAILED) must(-1, "mmap");
    return static_cast<char*>(memory);
  }

  void add(const io_uring_sqe& request) {
    if (added_ == kRequests) enter(0);
    const unsigned last = *last_request_;
    requests_[last % kRequests] = request;
    order_[last % kRequests] = last % kRequests;
    __atomic_store_n(last_request_, last + 1, __ATOMIC_RELEASE);
    added_++;
  }

  int fd_;
  unsigned added_ = 0;
  io_uring_sqe* requests_;
  unsigned* order_;
  unsigned* last_request_;
  io_uring_cqe* events_;
  unsigned* first_event_;
  unsigned* last_event_;
};

void accept_all(Ring* ring, int listener) {
  for (;;) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd == -1) return;
    set_nodelay(fd);
    ring->watch(fd);
  }
}

void serve(Ring* ring, int fd) {
  const ssize_t n = recv(fd, chunk, kChunk, 0);
  if (n == -1 && errno == EAGAIN) return;
  if (n > 0) {
    if (send(fd, chunk, static_cast<size_t>(n), MSG_NOSIGNAL) != n) fail("a message too large");
    return;
  }
  ring->forget(fd);
  close(fd);
}

[[noreturn]] void serve_streams(int listener) {
  must(fcntl(listener, F_SETFL, O_NONBLOCK), "fcntl");
  Ring ring;
  ring.watch(listener);
  for (;;) {
    ring.enter(1);
    io_uring_cqe event;
    while (ring.next(&event)) {
      if (event.user_data == kNothing || event.res == -ECANCELED) continue;
      const int fd = static_cast<int>(event.user_data);
      // The kernel ends a poll when it has no room for its events.
      if ((event.flags & IORING_CQE_F_MORE) == 0) ring.watch(fd);
      if (fd == listener) accept_all(&ring, fd);
      if (fd != listener) serve(&ring, fd);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 || std::string(argv[3]) != "echo") {
    fprintf(stderr, "Usage: %s <host> <port> echo\n", argv[0]);
    return 2;
  }
  serve_streams(listening(argv[1], argv[2], SOCK_STREAM));
}
