// What the kernel holds for a socket. Nothing is consumed.
#if defined(__linux__)
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "call.h"

namespace iomux {

namespace {

napi_value Queue(Call& call, unsigned long request) {
  const int fd = call.Int(0, "fd");
  if (!call.ok()) return nullptr;
  int bytes = 0;
  const int result = ioctl(fd, request, &bytes);
  return call.Result(result == -1 ? -1 : bytes);
}

}  // namespace

// (fd) -> how many bytes can be received. ioctl(2) with SIOCINQ: tcp(7), udp(7), unix(7)
napi_value ReceiveQueue(napi_env env, napi_callback_info info) {
  Call call(env, info);
  return Queue(call, SIOCINQ);
}

// (fd) -> how many bytes were sent and are not yet acknowledged. ioctl(2) with SIOCOUTQ
napi_value SendQueue(napi_env env, napi_callback_info info) {
  Call call(env, info);
  return Queue(call, SIOCOUTQ);
}

// (fd, state) -> 0, with TCP's state in state[0]; of a listener, how many connections wait to be
// accepted in state[1], and how many may in state[2]. getsockopt(2) with TCP_INFO
napi_value TcpState(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int fd = call.Int(0, "fd");
  const Integers state = call.Ints(1, "state", 3);
  if (!call.ok()) return nullptr;
  struct tcp_info tcp = {};
  socklen_t length = sizeof(tcp);
  const int result = getsockopt(fd, IPPROTO_TCP, TCP_INFO, &tcp, &length);
  if (result == 0) {
    state.data[0] = tcp.tcpi_state;
    state.data[1] = static_cast<int32_t>(tcp.tcpi_unacked);
    state.data[2] = static_cast<int32_t>(tcp.tcpi_sacked);
  }
  return call.Result(result);
}

}  // namespace iomux

#endif
