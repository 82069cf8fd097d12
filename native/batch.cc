// Several datagrams by one system call.
#include "address.h"
#include "interrupt.h"

#if defined(IOMUX_HAS_MMSG)

#include <sys/socket.h>
#include <sys/uio.h>

#include <vector>

namespace iomux {

namespace {

// What a system takes at once (UIO_MAXIOV).
constexpr uint32_t kMostMessages = 1024;

// The headers of some messages: of each the next bytes and the next name. They point at each other,
// so they stay where they are.
class Messages {
 public:
  explicit Messages(size_t count) : headers_(count), vectors_(count) {}
  Messages(const Messages&) = delete;
  Messages& operator=(const Messages&) = delete;

  void Set(size_t index, uint8_t* bytes, size_t length, Name* name, socklen_t name_length) {
    vectors_[index] = {bytes, length};
    struct msghdr& header = headers_[index].msg_hdr;
    header.msg_name = name_length == 0 ? nullptr : name->address();
    header.msg_namelen = name_length;
    header.msg_iov = &vectors_[index];
    header.msg_iovlen = 1;
  }
  struct mmsghdr* data() {
    return headers_.data();
  }
  const struct mmsghdr& operator[](size_t index) const { return headers_[index]; }

 private:
  std::vector<struct mmsghdr> headers_;
  std::vector<struct iovec> vectors_;
};

}  // namespace

// (fd, bytes, size, count, flags, may_block, lengths, names) -> n messages: each has `size` bytes
// of its own, of which it uses lengths[i], and its sender in a name. One that may block waits for
// the first message only. recvmmsg(2)
napi_value Recvmmsg(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  const Bytes bytes = call.View(1, "bytes");
  const uint32_t size = call.Uint(2, "size");
  const uint32_t count = call.Uint(3, "count");
  const int flags = call.Int(4, "flags");
  const bool may_block = call.Bool(5, "may_block");
  if (count > kMostMessages) call.Reject("count", "at most 1024");
  if (call.ok() && static_cast<uint64_t>(size) * count > bytes.length) {
    call.Reject("bytes", "at least `size` bytes for each");
  }
  if (!call.ok()) return nullptr;
  const Integers lengths = call.Ints(6, "lengths", count);
  Name* names = NamesArgument(call, 7, "names", count);
  if (!call.ok()) return nullptr;
  Messages messages(count);
  for (size_t i = 0; i < count; i++) {
    messages.Set(i, bytes.data + i * size, size, &names[i], sizeof(names[i].storage));
  }
  const BlockingCall blocking(call.state(), may_block);
  if (blocking.interrupted()) return call.Result(-1);
  const int n = recvmmsg(fd, messages.data(), count, flags | MSG_WAITFORONE, nullptr);
  for (int i = 0; i < n; i++) {
    lengths.data[i] = static_cast<int32_t>(messages[i].msg_len);
    names[i].length = messages[i].msg_hdr.msg_namelen;
  }
  return call.Result(n);
}

// (fd, bytes, lengths, count, flags, may_block, names) -> n messages sent: the bytes of each follow
// those of the one before, and go to its name; one of length 0 stands for the socket's peer.
// sendmmsg(2)
napi_value Sendmmsg(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  const Bytes bytes = call.View(1, "bytes");
  const uint32_t count = call.Uint(3, "count");
  const int flags = call.Int(4, "flags");
  const bool may_block = call.Bool(5, "may_block");
  if (count > kMostMessages) call.Reject("count", "at most 1024");
  if (!call.ok()) return nullptr;
  const Integers lengths = call.Ints(2, "lengths", count);
  Name* names = NamesArgument(call, 6, "names", count);
  if (!call.ok()) return nullptr;
  Messages messages(count);
  size_t used = 0;
  for (size_t i = 0; i < count; i++) {
    const int32_t length = lengths.data[i];
    if (length < 0 || static_cast<size_t>(length) > bytes.length - used) {
      call.Reject("lengths", "not more than the bytes");
      return nullptr;
    }
    const socklen_t name_length = names[i].length;
    if (name_length > sizeof(names[i].storage)) {
      call.Reject("names", "not longer than their room");
      return nullptr;
    }
    messages.Set(i, bytes.data + used, static_cast<size_t>(length), &names[i], name_length);
    used += static_cast<size_t>(length);
  }
  const BlockingCall blocking(call.state(), may_block);
  if (blocking.interrupted()) return call.Result(-1);
  return call.Result(sendmmsg(fd, messages.data(), count, flags));
}

}  // namespace iomux

#endif
