// The addon's table: every function that JavaScript can call, and the state of each environment
// that has loaded it. The contract of the table is in README.md beside this file.
#include <node_api.h>

#include "interrupt.h"
#include "values.h"
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
  FUNCTION("signal_yield", SignalYield)        \
  FUNCTION("signal_get", SignalGet)            \
  FUNCTION("signal_wake", SignalWake)          \
  FUNCTION("signal_wakeup_fd", SignalWakeupFd) \
  FUNCTION("wakeup_errno", WakeupErrno)        \
  FUNCTION("pthread_sigmask", PthreadSigmask)  \
  FUNCTION("sigpending", Sigpending)           \
  FUNCTION("sigtimedwait", Sigtimedwait)       \
  FUNCTION("siginterrupt", Siginterrupt)       \
  FUNCTION("raise", Raise)                     \
  FUNCTION("alarm", Alarm)                     \
  FUNCTION("setitimer", Setitimer)             \
  FUNCTION("getitimer", Getitimer)             \
  FUNCTION("pause", Pause)                     \
  FUNCTION("strsignal", Strsignal)             \
  FUNCTION("watch_start", WatchStart)          \
  FUNCTION("watch_again", WatchAgain)          \
  FUNCTION("watch_stop", WatchStop)            \
  FUNCTION("strerror", Strerror)

#if defined(__linux__)
#define IOMUX_LINUX_FUNCTIONS(FUNCTION)   \
  FUNCTION("sockaddr_nl", SockaddrNl)     \
  FUNCTION("sockaddr_ll", SockaddrLl)     \
  FUNCTION("sockaddr_vm", SockaddrVm)     \
  FUNCTION("receive_queue", ReceiveQueue) \
  FUNCTION("send_queue", SendQueue)       \
  FUNCTION("tcp_state", TcpState)
#else
#define IOMUX_LINUX_FUNCTIONS(FUNCTION)
#endif

#if defined(IOMUX_HAS_SENDFILE)
#define IOMUX_SENDFILE_FUNCTIONS(FUNCTION) FUNCTION("sendfile", Sendfile)
#else
#define IOMUX_SENDFILE_FUNCTIONS(FUNCTION)
#endif

#if defined(IOMUX_HAS_MMSG)
#define IOMUX_MMSG_FUNCTIONS(FUNCTION) \
  FUNCTION("recvmmsg", Recvmmsg)       \
  FUNCTION("sendmmsg", Sendmmsg)
#else
#define IOMUX_MMSG_FUNCTIONS(FUNCTION)
#endif

#if defined(IOMUX_HAS_EPOLL)
#define IOMUX_EPOLL_FUNCTIONS(FUNCTION)   \
  FUNCTION("epoll_create1", EpollCreate1) \
  FUNCTION("epoll_ctl", EpollCtl)         \
  FUNCTION("epoll_wait", EpollWait)
#else
#define IOMUX_EPOLL_FUNCTIONS(FUNCTION)
#endif

#if defined(IOMUX_HAS_KQUEUE)
#define IOMUX_KQUEUE_FUNCTIONS(FUNCTION) \
  FUNCTION("kqueue", Kqueue)             \
  FUNCTION("kevent", Kevent)
#else
#define IOMUX_KQUEUE_FUNCTIONS(FUNCTION)
#endif

#define IOMUX_FUNCTIONS(FUNCTION)    \
  IOMUX_COMMON_FUNCTIONS(FUNCTION)   \
  IOMUX_LINUX_FUNCTIONS(FUNCTION)    \
  IOMUX_SENDFILE_FUNCTIONS(FUNCTION) \
  IOMUX_MMSG_FUNCTIONS(FUNCTION)     \
  IOMUX_EPOLL_FUNCTIONS(FUNCTION)    \
  IOMUX_KQUEUE_FUNCTIONS(FUNCTION)

namespace iomux {

#define DECLARE(name, function) napi_value function(napi_env env, napi_callback_info info);
IOMUX_FUNCTIONS(DECLARE)
#undef DECLARE

napi_value Constants(napi_env env);
napi_value Errors(napi_env env);

namespace {

napi_value Property(napi_env env, napi_value object, const char* name) {
  napi_value value = nullptr;
  napi_get_named_property(env, object, name, &value);
  return value;
}

// Whether signals are for this thread: the one that Node calls the main one.
bool IsMainThread(napi_env env) {
  // No worker runs on it. Node's worker_threads would say the same, but takes long to load.
  if (IsFirstThread()) return true;
  napi_value global = nullptr;
  napi_get_global(env, &global);
  // In its web workers, Deno's worker_threads believes to be in the main thread.
  bool is_web_worker = false;
  napi_has_named_property(env, global, "WorkerGlobalScope", &is_web_worker);
  if (is_web_worker) return false;
  const napi_value process = Property(env, global, "process");
  const napi_value load = Property(env, process, "getBuiltinModule");
  const napi_value name = Text(env, "node:worker_threads");
  napi_value threads = nullptr;
  napi_call_function(env, process, load, 1, &name, &threads);
  bool is_main_thread = false;
  napi_get_value_bool(env, Property(env, threads, "isMainThread"), &is_main_thread);
  return is_main_thread;
}

void End(void* state) {
  auto* ending = static_cast<State*>(state);
  if (ending->worker_watch != nullptr) StopWorkerWatch(ending->worker_watch);
  if (!ending->is_main_thread) delete ending->interrupt;
  ending->descriptors.CloseAll();
  delete ending;
}

napi_value Init(napi_env env, napi_value exports) {
  auto* state = new State;
  state->is_main_thread = IsMainThread(env);
  state->interrupt = state->is_main_thread ? &interrupt : new Interrupt;
  if (!state->is_main_thread) state->loop_fd = LoopDescriptor(env);
  napi_add_env_cleanup_hook(env, End, state);

  const auto add = [&](const char* name, napi_value value) {
    napi_set_named_property(env, exports, name, value);
  };
#define EXPORT(name, function)                                                 \
  {                                                                            \
    napi_value made = nullptr;                                                 \
    napi_create_function(env, name, NAPI_AUTO_LENGTH, function, state, &made); \
    add(name, made);                                                           \
  }
  IOMUX_FUNCTIONS(EXPORT)
#undef EXPORT
  add("constants", Constants(env));
  add("errors", Errors(env));
  add("platform", Text(env, IOMUX_PLATFORM));
  napi_value is_main_thread = nullptr;
  napi_get_boolean(env, state->is_main_thread, &is_main_thread);
  add("is_main_thread", is_main_thread);
  return exports;
}

}  // namespace

}  // namespace iomux

NAPI_MODULE_INIT() { return iomux::Init(env, exports); }
