// The addon's table: every function that JavaScript can call, and the state of each environment
// that has loaded it. The contract of the table is in README.md beside this file.
#include <napi.h>
#include <unistd.h>

#include "interrupt.h"
#include "watch.h"

// One line per function, in the order of `interface Native` in lib/native.ts.
#define IOMUX_COMMON_FUNCTIONS(FUNCTION)       \
  FUNCTION("socket", Socket)                   \
  FUNCTION("socketpair", Socketpair)           \
  FUNCTION("bind", Bind)                       \
  FUNCTION("listen", Listen)                   \
  FUNCTION("accept4", Accept4)                 \
  FUNCTION("connect", Connect)                 \
  FUNCTION("getsockname", Getsockname)         \
  FUNCTION("getpeername", Getpeername)         \
  FUNCTION("recv", Recv)                       \
  FUNCTION("send", Send)                       \
  FUNCTION("recvfrom", Recvfrom)               \
  FUNCTION("sendto", Sendto)                   \
  FUNCTION("recvmsg", Recvmsg)                 \
  FUNCTION("sendmsg", Sendmsg)                 \
  FUNCTION("sendfile", Sendfile)               \
  FUNCTION("cmsg_len", CmsgLen)                \
  FUNCTION("cmsg_space", CmsgSpace)            \
  FUNCTION("cmsg_encode", CmsgEncode)          \
  FUNCTION("cmsg_decode", CmsgDecode)          \
  FUNCTION("shutdown", Shutdown)               \
  FUNCTION("get_nonblocking", GetNonblocking)  \
  FUNCTION("set_nonblocking", SetNonblocking)  \
  FUNCTION("close", Close)                     \
  FUNCTION("dup", Dup)                         \
  FUNCTION("get_inheritable", GetInheritable)  \
  FUNCTION("set_inheritable", SetInheritable)  \
  FUNCTION("own", Own)                         \
  FUNCTION("disown", Disown)                   \
  FUNCTION("getsockopt", Getsockopt)           \
  FUNCTION("setsockopt", Setsockopt)           \
  FUNCTION("setsockopt_null", SetsockoptNull)  \
  FUNCTION("sockaddr_in", SockaddrIn)          \
  FUNCTION("sockaddr_in6", SockaddrIn6)        \
  FUNCTION("sockaddr_un", SockaddrUn)          \
  FUNCTION("sockaddr_other", SockaddrOther)    \
  FUNCTION("sockaddr_size", SockaddrSize)      \
  FUNCTION("sockaddr_decode", SockaddrDecode)  \
  FUNCTION("getaddrinfo", Getaddrinfo)         \
  FUNCTION("gai_strerror", GaiStrerror)        \
  FUNCTION("gethostbyname", Gethostbyname)     \
  FUNCTION("gethostbyaddr", Gethostbyaddr)     \
  FUNCTION("hstrerror", Hstrerror)             \
  FUNCTION("getnameinfo", Getnameinfo)         \
  FUNCTION("getservbyname", Getservbyname)     \
  FUNCTION("getservbyport", Getservbyport)     \
  FUNCTION("getprotobyname", Getprotobyname)   \
  FUNCTION("gethostname", Gethostname)         \
  FUNCTION("sethostname", Sethostname)         \
  FUNCTION("if_nameindex", IfNameindex)        \
  FUNCTION("if_nametoindex", IfNametoindex)    \
  FUNCTION("if_indextoname", IfIndextoname)    \
  FUNCTION("inet_aton", InetAton)              \
  FUNCTION("inet_pton", InetPton)              \
  FUNCTION("inet_ntop", InetNtop)              \
  FUNCTION("poll", Poll)                       \
  FUNCTION("poll_one", PollOne)                \
  FUNCTION("select", Select)                   \
  FUNCTION("interrupt_watch", InterruptWatch)  \
  FUNCTION("interrupt_defer", InterruptDefer)  \
  FUNCTION("interrupt_die", InterruptDie)      \
  FUNCTION("signal_take", SignalTake)          \
  FUNCTION("signal_set", SignalSet)            \
  FUNCTION("signal_get", SignalGet)            \
  FUNCTION("signal_wake", SignalWake)          \
  FUNCTION("signal_wakeup_fd", SignalWakeupFd) \
  FUNCTION("wakeup_errno", WakeupErrno)        \
  FUNCTION("raise", Raise)                     \
  FUNCTION("alarm", Alarm)                     \
  FUNCTION("setitimer", Setitimer)             \
  FUNCTION("getitimer", Getitimer)             \
  FUNCTION("pause", Pause)                     \
  FUNCTION("strsignal", Strsignal)             \
  FUNCTION("watch_start", WatchStart)          \
  FUNCTION("watch_stop", WatchStop)            \
  FUNCTION("strerror", Strerror)

#if defined(__linux__)
#define IOMUX_LINUX_FUNCTIONS(FUNCTION)   \
  FUNCTION("sockaddr_nl", SockaddrNl)     \
  FUNCTION("sockaddr_ll", SockaddrLl)     \
  FUNCTION("sockaddr_vm", SockaddrVm)     \
  FUNCTION("epoll_create1", EpollCreate1) \
  FUNCTION("epoll_ctl", EpollCtl)         \
  FUNCTION("epoll_wait", EpollWait)       \
  FUNCTION("receive_queue", ReceiveQueue) \
  FUNCTION("send_queue", SendQueue)       \
  FUNCTION("tcp_state", TcpState)
#else
#define IOMUX_LINUX_FUNCTIONS(FUNCTION)
#endif

#if __has_include(<sys/event.h>)
#define IOMUX_KQUEUE_FUNCTIONS(FUNCTION) \
  FUNCTION("kqueue", Kqueue)             \
  FUNCTION("kevent", Kevent)
#else
#define IOMUX_KQUEUE_FUNCTIONS(FUNCTION)
#endif

#define IOMUX_FUNCTIONS(FUNCTION)  \
  IOMUX_COMMON_FUNCTIONS(FUNCTION) \
  IOMUX_LINUX_FUNCTIONS(FUNCTION)  \
  IOMUX_KQUEUE_FUNCTIONS(FUNCTION)

namespace iomux {

#define DECLARE(name, function) napi_value function(napi_env env, napi_callback_info info);
IOMUX_FUNCTIONS(DECLARE)
#undef DECLARE

napi_value Constants(napi_env env);
napi_value Errors(napi_env env);

namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  auto* state = new State;
  // The process's first thread is the one that the kernel and Node deliver signals to.
  state->is_main_thread = getpid() == gettid();
  state->interrupt = state->is_main_thread ? &interrupt : new Interrupt;
  if (!state->is_main_thread) state->loop_fd = LoopDescriptor(env);
  env.AddCleanupHook(
      [](State* ending) {
        if (ending->worker_watch != nullptr) StopWorkerWatch(ending->worker_watch);
        if (!ending->is_main_thread) delete ending->interrupt;
        ending->descriptors.CloseAll();
        delete ending;
      },
      state);

  // Plain Node-API from here on: a call costs half of what node-addon-api's wrappers make of it.
#define EXPORT(name, function)                                                  \
  {                                                                             \
    napi_value value = nullptr;                                                 \
    napi_create_function(env, name, NAPI_AUTO_LENGTH, function, state, &value); \
    exports.Set(name, Napi::Value(env, value));                                 \
  }
  IOMUX_FUNCTIONS(EXPORT)
#undef EXPORT
  exports.Set("constants", Napi::Value(env, Constants(env)));
  exports.Set("errors", Napi::Value(env, Errors(env)));
  return exports;
}

}  // namespace

}  // namespace iomux

static Napi::Object InitAll(Napi::Env env, Napi::Object exports) {
  return iomux::Init(env, exports);
}

NODE_API_MODULE(iomux, InitAll)
