// Datagrams and messages: the calls that carry an address or control data with the bytes.
#include <sys/socket.h>
#include <sys/uio.h>

#include <vector>

#include "address.h"
#include "interrupt.h"
#include "values.h"

namespace iomux {

namespace {

// The elements of a list of TypedArrays and DataViews, as one system call takes them.
std::vector<struct iovec> Vectors(Call& call, Index index, const char* name) {
  std::vector<struct iovec> vectors;
  for (const Bytes& bytes : call.Views(index, name)) {
    vectors.push_back({bytes.data, bytes.length});
  }
  return vectors;
}

}  // namespace

// (fd, bytes, offset, length, flags, may_block, name, size) -> n, with the sender's address in
// name. recvfrom(2)
napi_value Recvfrom(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  const Bytes bytes = call.Slice(1, 2, 3, "bytes");
  const int flags = call.Int(4, "flags");
  const bool may_block = call.Bool(5, "may_block");
  Name* name = NameArgument(call, 6, 7);
  if (!call.ok()) return nullptr;
  const BlockingCall blocking(call.state(), may_block);
  if (blocking.interrupted()) return call.Result(-1);
  return call.Result(recvfrom(fd, bytes.data, bytes.length, flags, name->address(), &name->length));
}

// (fd, bytes, offset, length, flags, address, may_block) -> n. sendto(2)
napi_value Sendto(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  const Bytes bytes = call.Slice(1, 2, 3, "bytes");
  const int flags = call.Int(4, "flags");
  const Bytes address = call.View(5, "address");
  const bool may_block = call.Bool(6, "may_block");
  if (!call.ok()) return nullptr;
  const BlockingCall blocking(call.state(), may_block);
  if (blocking.interrupted()) return call.Result(-1);
  return call.Result(sendto(fd, bytes.data, bytes.length, flags,
                            reinterpret_cast<const struct sockaddr*>(address.data),
                            static_cast<socklen_t>(address.length)));
}

// (fd, views, control, flags, may_block, results, name, size) -> n: the bytes are spread over the
// views, control data are in control with their length in results[0], the message's flags in
// results[1], the sender's address in name. recvmsg(2)
napi_value Recvmsg(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  std::vector<struct iovec> vectors = Vectors(call, 1, "views");
  const Bytes control = call.View(2, "control");
  const int flags = call.Int(3, "flags");
  const bool may_block = call.Bool(4, "may_block");
  const Integers results = call.Ints(5, "results", 2);
  Name* name = NameArgument(call, 6, 7);
  if (!call.ok()) return nullptr;
  struct msghdr message = {};
  message.msg_name = name->address();
  message.msg_namelen = name->length;
  message.msg_iov = vectors.data();
  message.msg_iovlen = vectors.size();
  message.msg_control = control.length > 0 ? control.data : nullptr;
  message.msg_controllen = control.length;
  const BlockingCall blocking(call.state(), may_block);
  if (blocking.interrupted()) return call.Result(-1);
  const ssize_t n = recvmsg(fd, &message, flags);
  if (n >= 0) {
    name->length = message.msg_namelen;
    results.data[0] = static_cast<int32_t>(message.msg_controllen);
    results.data[1] = message.msg_flags;
  }
  return call.Result(n);
}

// (fd, views, control, flags, address or null, may_block) -> n. sendmsg(2)
napi_value Sendmsg(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  std::vector<struct iovec> vectors = Vectors(call, 1, "views");
  const Bytes control = call.View(2, "control");
  const int flags = call.Int(3, "flags");
  const Bytes address = call.IsNull(4) ? Bytes{} : call.View(4, "address");
  const bool may_block = call.Bool(5, "may_block");
  if (!call.ok()) return nullptr;
  struct msghdr message = {};
  message.msg_name = address.data;
  message.msg_namelen = static_cast<socklen_t>(address.length);
  message.msg_iov = vectors.data();
  message.msg_iovlen = vectors.size();
  message.msg_control = control.length > 0 ? control.data : nullptr;
  message.msg_controllen = control.length;
  const BlockingCall blocking(call.state(), may_block);
  if (blocking.interrupted()) return call.Result(-1);
  return call.Result(sendmsg(fd, &message, flags));
}

// (length) -> the length of a control message with that many bytes, without the padding behind it.
// CMSG_LEN(3)
napi_value CmsgLen(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const uint32_t length = call.Uint(0, "length");
  if (!call.ok()) return nullptr;
  return call.Result(static_cast<int64_t>(CMSG_LEN(static_cast<uint64_t>(length))));
}

// (length) -> the same with the padding. CMSG_SPACE(3)
napi_value CmsgSpace(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const uint32_t length = call.Uint(0, "length");
  if (!call.ok()) return nullptr;
  return call.Result(static_cast<int64_t>(CMSG_SPACE(static_cast<uint64_t>(length))));
}

// (kinds, datas) -> control data for sendmsg: message i has the level kinds[2 * i], the type
// kinds[2 * i + 1] and the bytes datas[i]. cmsg(3)
napi_value CmsgEncode(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const std::vector<Bytes> datas = call.Views(1, "datas");
  const Integers kinds = call.Ints(0, "kinds", datas.size() * 2);
  if (!call.ok()) return nullptr;
  size_t length = 0;
  for (const Bytes& data : datas) {
    length += CMSG_SPACE(data.length);
    if (length > INT32_MAX) {
      call.Reject("datas", "shorter");
      return nullptr;
    }
  }
  std::vector<uint8_t> control(length);
  size_t offset = 0;
  for (size_t index = 0; index < datas.size(); index++) {
    struct cmsghdr header = {};
    header.cmsg_len = CMSG_LEN(datas[index].length);
    header.cmsg_level = kinds.data[2 * index];
    header.cmsg_type = kinds.data[2 * index + 1];
    memcpy(control.data() + offset, &header, sizeof(header));
    if (datas[index].length > 0) {
      memcpy(control.data() + offset + CMSG_LEN(0), datas[index].data, datas[index].length);
    }
    offset += CMSG_SPACE(datas[index].length);
  }
  return ByteArray(env, control.data(), length);
}

// (control, length) -> a list of [level, type, data]; if the last one was cut off, with what there
// is of its data. cmsg(3)
napi_value CmsgDecode(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const Bytes control = call.View(0, "control");
  const uint32_t length = call.Uint(1, "length");
  if (call.ok() && length > control.length) call.Reject("length", "at most what control has");
  if (!call.ok()) return nullptr;
  std::vector<napi_value> messages;
  size_t offset = 0;
  while (length - offset >= CMSG_LEN(0)) {
    struct cmsghdr header;
    memcpy(&header, control.data + offset, sizeof(header));
    if (header.cmsg_len < CMSG_LEN(0)) break;
    const size_t size = std::min<size_t>(header.cmsg_len, length - offset) - CMSG_LEN(0);
    messages.push_back(List(env, {Integer(env, header.cmsg_level), Integer(env, header.cmsg_type),
                                  ByteArray(env, control.data + offset + CMSG_LEN(0), size)}));
    if (header.cmsg_len > length - offset) break;
    offset += std::min<size_t>(CMSG_SPACE(header.cmsg_len - CMSG_LEN(0)), length - offset);
  }
  return List(env, messages);
}

}  // namespace iomux
