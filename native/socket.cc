// The socket calls, in the order of a connection's life.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "interrupt.h"

namespace iomux {

// (family, type, protocol) -> fd. socket(2)
napi_value Socket(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int family = call.Int(0, "family");
  const int type = call.Int(1, "type");
  const int protocol = call.Int(2, "protocol");
  if (!call.ok()) return nullptr;
  return call.OwnedDescriptor(OpenSocket(family, type, protocol));
}

// (family, type, protocol, fds) -> 0, with both descriptors in fds. socketpair(2)
napi_value Socketpair(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int family = call.Int(0, "family");
  const int type = call.Int(1, "type");
  const int protocol = call.Int(2, "protocol");
  const Integers fds = call.Ints(3, "fds", 2);
  if (!call.ok()) return nullptr;
  // Not where other threads can change them, as in a SharedArrayBuffer.
  int made[2];
  const int result = OpenSocketpair(family, type, protocol, made);
  for (int i = 0; result == 0 && i < 2; i++) {
    fds.data[i] = made[i];
    call.state().descriptors.Add(made[i]);
  }
  return call.Result(result);
}

// (fd, address) -> 0. bind(2)
napi_value Bind(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  const Bytes address = call.View(1, "address");
  if (!call.ok()) return nullptr;
  return call.Result(bind(fd, reinterpret_cast<const struct sockaddr*>(address.data),
                          static_cast<socklen_t>(address.length)));
}

// (fd, backlog) -> 0. listen(2)
napi_value Listen(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  const int backlog = call.Int(1, "backlog");
  if (!call.ok()) return nullptr;
  return call.Result(listen(fd, backlog));
}

// (fd, name, size, may_block) -> fd, with the peer's address in name. accept4(2), or accept(2)
napi_value Accept4(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  Name* name = NameArgument(call, 1, 2);
  const bool may_block = call.Bool(3, "may_block");
  if (!call.ok()) return nullptr;
  const BlockingCall blocking(call.state(), may_block);
  if (blocking.interrupted()) return call.Result(-1);
  // AF_ALG rejects callers that ask for a name.
  const bool unnamed = name->length == 0;
  return call.OwnedDescriptor(
      Accept(fd, unnamed ? nullptr : name->address(), unnamed ? nullptr : &name->length));
}

// (fd, address, may_block) -> 0; 1 when a signal that waits to be reported kept the call from being
// made: an interrupted connect(2) continues; this one has not begun.
napi_value Connect(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  const Bytes address = call.View(1, "address");
  const bool may_block = call.Bool(2, "may_block");
  if (!call.ok()) return nullptr;
  const BlockingCall blocking(call.state(), may_block);
  if (may_block && blocking.interrupted()) return call.Result(1);
  return call.Result(connect(fd, reinterpret_cast<const struct sockaddr*>(address.data),
                             static_cast<socklen_t>(address.length)));
}

// (fd, name, size) -> 0, with the address in name. getsockname(2)
napi_value Getsockname(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  Name* name = NameArgument(call, 1, 2);
  if (!call.ok()) return nullptr;
  return call.Result(getsockname(fd, name->address(), &name->length));
}

// (fd, name, size) -> 0, with the address in name. getpeername(2)
napi_value Getpeername(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  Name* name = NameArgument(call, 1, 2);
  if (!call.ok()) return nullptr;
  return call.Result(getpeername(fd, name->address(), &name->length));
}

// (fd, bytes, offset, length, flags, may_block) -> n. recv(2)
napi_value Recv(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  const Bytes bytes = call.Slice(1, 2, 3, "bytes");
  const int flags = call.Int(4, "flags");
  const bool may_block = call.Bool(5, "may_block");
  if (!call.ok()) return nullptr;
  const BlockingCall blocking(call.state(), may_block);
  if (blocking.interrupted()) return call.Result(-1);
  return call.Result(recv(fd, bytes.data, bytes.length, flags));
}

// (fd, bytes, offset, length, flags, may_block) -> n. send(2)
napi_value Send(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  const Bytes bytes = call.Slice(1, 2, 3, "bytes");
  const int flags = call.Int(4, "flags");
  const bool may_block = call.Bool(5, "may_block");
  if (!call.ok()) return nullptr;
  const BlockingCall blocking(call.state(), may_block);
  if (blocking.interrupted()) return call.Result(-1);
  return call.Result(send(fd, bytes.data, bytes.length, flags));
}

// (fd, how) -> 0. shutdown(2)
napi_value Shutdown(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  const int how = call.Int(1, "how");
  if (!call.ok()) return nullptr;
  return call.Result(shutdown(fd, how));
}

// (fd) -> 1 if calls on it never wait, else 0. fcntl(2)
napi_value GetNonblocking(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  if (!call.ok()) return nullptr;
  const int flags = fcntl(fd, F_GETFL);
  return call.Result(flags == -1 ? -1 : (flags & O_NONBLOCK) != 0);
}

// (fd, on) -> 0. ioctl(2) with FIONBIO: one call, where fcntl(2) would need two.
napi_value SetNonblocking(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  int on = call.Bool(1, "on") ? 1 : 0;
  if (!call.ok()) return nullptr;
  return call.Result(ioctl(fd, FIONBIO, &on));
}

// (fd) -> 0. close(2), never repeated: after EINTR the descriptor may already be another's.
napi_value Close(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  if (!call.ok()) return nullptr;
  call.state().descriptors.Remove(fd);
  return call.Result(close(fd));
}

// (fd) -> another descriptor of the same file description, close-on-exec. fcntl(2), F_DUPFD_CLOEXEC
napi_value Dup(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  if (!call.ok()) return nullptr;
  return call.OwnedDescriptor(fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

// (fd) -> 1 if a program that this process executes gets the descriptor, else 0. fcntl(2), F_GETFD
napi_value GetInheritable(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  if (!call.ok()) return nullptr;
  const int flags = fcntl(fd, F_GETFD);
  return call.Result(flags == -1 ? -1 : (flags & FD_CLOEXEC) == 0);
}

// (fd, on) -> 0. ioctl(2) with FIONCLEX or FIOCLEX: one call, where fcntl(2) would need two.
napi_value SetInheritable(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  const bool on = call.Bool(1, "on");
  if (!call.ok()) return nullptr;
  return call.Result(ioctl(fd, on ? FIONCLEX : FIOCLEX));
}

// (fd) -> 0. From now on the environment closes this descriptor at its end.
napi_value Own(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  if (call.ok() && fd < 0) call.Reject("fd", "a descriptor");
  if (!call.ok()) return nullptr;
  call.state().descriptors.Add(fd);
  return call.Result(0);
}

// (fd) -> 0. From now on the environment does not close this descriptor at its end.
napi_value Disown(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  if (!call.ok()) return nullptr;
  call.state().descriptors.Remove(fd);
  return call.Result(0);
}

}  // namespace iomux
