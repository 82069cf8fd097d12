/**
 * What a call is: a table of system calls, and one of the native functions that make them. The recorder,
 * strace's import and export, troubles, questions and the viewer all derive what they know from these two.
 * Data only, without the addon: the viewer's page bundles it.
 */
import type { Native } from "../native.ts";
import type { Call, Life } from "./recording.ts";

/** What a call does for the program. */
export type Act =
  /** Waits for many descriptors: a turn of the program's loop. */
  | "wait"
  /** Waits for one descriptor, or for a signal. */
  | "pause"
  | "receive"
  | "send"
  | "accept"
  | "connect"
  /** Tells a poller what to watch. */
  | "control"
  /** Makes a descriptor. */
  | "open"
  | "bind"
  | "listen"
  | "shutdown"
  | "close"
  /** Asks the resolver, which may ask other machines and sleep. */
  | "lookup"
  | "other";

type Words<Text extends string> = Text extends `${infer First} ${infer Rest}`
  ? readonly [First, ...Words<Rest>]
  : Text extends ""
    ? readonly []
    : readonly [Text];

/** The words of a text, known to the compiler too. */
export function words<const Text extends string>(text: Text): Words<Text> {
  return text.split(" ").filter(Boolean) as readonly string[] as Words<Text>;
}

/** A system call: what it does, its arguments in strace's order, and what kind of descriptor it makes. */
function does<const Doing extends Act, const Text extends string>(
  act: Doing,
  text: Text,
  makes: Life["what"] | null = null,
) {
  return { act, arguments: words(text), makes };
}

/** The system calls on sockets, and those that wait for them: what strace is asked for. */
export const traced_calls = {
  socket: does("open", "family type protocol", "socket"),
  socketpair: does("open", "family type protocol pair", "socket"),
  bind: does("bind", "fd address address_size"),
  listen: does("listen", "fd backlog"),
  accept: does("accept", "fd name name_size", "socket"),
  accept4: does("accept", "fd name name_size flags", "socket"),
  connect: does("connect", "fd address address_size"),
  getsockname: does("other", "fd name name_size"),
  getpeername: does("other", "fd name name_size"),
  sendto: does("send", "fd buffer length flags address address_size"),
  recvfrom: does("receive", "fd buffer length flags from from_size"),
  sendmsg: does("send", "fd message flags"),
  recvmsg: does("receive", "fd message flags"),
  sendmmsg: does("send", "fd messages count flags"),
  recvmmsg: does("receive", "fd messages count flags timespec_ms"),
  shutdown: does("shutdown", "fd how"),
  getsockopt: does("other", "fd level option value value_room"),
  setsockopt: does("other", "fd level option value value_size"),
  close: does("close", "fd"),
  dup: does("open", "fd", "socket"),
  dup2: does("open", "fd other", "socket"),
  dup3: does("open", "fd other flags", "socket"),
  fcntl: does("other", "fd command argument"),
  ioctl: does("other", "fd request on"),
  read: does("receive", "fd buffer length"),
  readv: does("receive", "fd vector vector_size"),
  write: does("send", "fd buffer length"),
  writev: does("send", "fd vector vector_size"),
  sendfile: does("send", "fd file offset count"),
  sendfile64: does("send", "fd file offset count"),
  epoll_create: does("open", "size", "epoll"),
  epoll_create1: does("open", "flags", "epoll"),
  epoll_ctl: does("control", "epfd op fd event"),
  epoll_wait: does("wait", "epfd events max_events timeout_ms"),
  epoll_pwait: does("wait", "epfd events max_events timeout_ms sigmask sigmask_size"),
  epoll_pwait2: does("wait", "epfd events max_events timespec_ms sigmask sigmask_size"),
  poll: does("wait", "pollfds count timeout_ms"),
  ppoll: does("wait", "pollfds count timespec_ms sigmask sigmask_size"),
  select: does("wait", "highest readfds writefds exceptfds timeval_us"),
  pselect6: does("wait", "highest readfds writefds exceptfds timespec_us sigmask"),
};

/** Every system call that a recording may name, including those that only native functions make. */
export const system_calls = {
  ...traced_calls,
  sethostname: does("other", "data"),
  rt_sigaction: does("other", "signo action old_action sigmask_size"),
  rt_sigprocmask: does("other", "how"),
  rt_sigpending: does("other", ""),
  rt_sigtimedwait: does("pause", "timeout_ns"),
  tgkill: does("other", "signo"),
  eventfd2: does("other", ""),
  alarm: does("other", "seconds"),
  setitimer: does("other", "which"),
  getitimer: does("other", "which"),
  pause: does("pause", ""),
  kqueue: does("open", "", "kqueue"),
  kevent: does("wait", "kq max_events timeout_ns"),
};

export type SystemCallName = keyof typeof system_calls;
export type SystemCall = (typeof system_calls)[SystemCallName];

/** An argument of a system call. A name means the same thing in every call. */
export type ArgumentName = SystemCall["arguments"][number];

/** Parameters that hold memory: a recording has the contents, not the parameter. */
const memory = [
  ...words("bytes views control name size fds ready results state error timer before callback"),
  ...words("wanted readers writers exceptional changes signos about lengths names"),
] as const;

export const MEMORY: ReadonlySet<string> = new Set(memory);

/** Parameters that decide whether a call may sleep: with 0 or false it does not. */
export const LIMITS = words("may_block timeout_ms timeout_us timeout_ns");

/** An object must be named as memory, or as one of those whose contents a recording has. */
type ParameterNames<Types> = {
  readonly [Index in keyof Types]: Types[Index] extends string | number | boolean | null
    ? string
    : (typeof memory)[number] | "address" | "data" | "datas" | "kinds" | "path";
};

type NativeName = Exclude<keyof Native, "constants" | "errors" | "platform" | "is_main_thread">;

/** Lets the compiler check the table against lib/native.ts: every function, with all its parameters. */
type NativeCalls = {
  readonly [Name in NativeName]: {
    readonly syscall: SystemCallName | null;
    readonly parameters: ParameterNames<Parameters<NonNullable<Native[Name]>>>;
  };
};

/** A native function: its system call (null for none), its parameters, and where it differs from that call. */
function calls<
  const Made extends SystemCallName | null,
  const Text extends string,
  const Doing extends Act = Made extends SystemCallName
    ? (typeof system_calls)[Made]["act"]
    : "other",
>(syscall: Made, text: Text, act?: Doing, makes?: Life["what"]) {
  const parameters = words(text) as readonly string[];
  const made = syscall === null ? undefined : system_calls[syscall];
  return {
    syscall,
    parameters: parameters as Words<Text>,
    act: (act ?? made?.act ?? "other") as Doing,
    makes: makes ?? made?.makes ?? null,
    /** The positions of its descriptor and of the parameter that decides whether it sleeps; -1 for none. */
    fd: parameters.indexOf(["fd", "epfd", "kq"].find((one) => parameters.includes(one)) ?? ""),
    limit: parameters.findIndex((one) => (LIMITS as readonly string[]).includes(one)),
  };
}

/** Every native function, in the order of lib/native.ts. Parameters have the names that recordings use. */
export const native_calls = {
  socket: calls("socket", "family type protocol"),
  socketpair: calls("socketpair", "family type protocol fds"),
  bind: calls("bind", "fd address"),
  listen: calls("listen", "fd backlog"),
  accept4: calls("accept4", "fd name size may_block"),
  connect: calls("connect", "fd address may_block"),
  getsockname: calls("getsockname", "fd name size"),
  getpeername: calls("getpeername", "fd name size"),
  recv: calls("recvfrom", "fd bytes offset length flags may_block"),
  send: calls("sendto", "fd bytes offset length flags may_block"),
  recvfrom: calls("recvfrom", "fd bytes offset length flags may_block name size"),
  sendto: calls("sendto", "fd bytes offset length flags address may_block"),
  recvmsg: calls("recvmsg", "fd views control flags may_block results name size"),
  sendmsg: calls("sendmsg", "fd views control flags address may_block"),
  cmsg_len: calls(null, "length"),
  cmsg_space: calls(null, "length"),
  cmsg_encode: calls(null, "kinds datas"),
  cmsg_decode: calls(null, "control length"),
  shutdown: calls("shutdown", "fd how"),
  get_nonblocking: calls("fcntl", "fd"),
  set_nonblocking: calls("ioctl", "fd on"),
  close: calls("close", "fd"),
  dup: calls("fcntl", "fd", "open", "socket"),
  get_inheritable: calls("fcntl", "fd"),
  set_inheritable: calls("ioctl", "fd on"),
  own: calls(null, "fd"),
  disown: calls(null, "fd"),
  getsockopt: calls("getsockopt", "fd level option bytes"),
  setsockopt: calls("setsockopt", "fd level option bytes"),
  setsockopt_null: calls("setsockopt", "fd level option length"),
  sockaddr_in: calls(null, "host port"),
  sockaddr_in6: calls(null, "host port flowinfo scope_id"),
  sockaddr_un: calls(null, "path"),
  sockaddr_other: calls(null, "family data"),
  sockaddr_size: calls(null, "family"),
  sockaddr_decode: calls(null, "name results"),
  getaddrinfo: calls(null, "host service family type protocol flags error", "lookup"),
  gai_strerror: calls(null, "code"),
  gethostbyname: calls(null, "host family error", "lookup"),
  gethostbyaddr: calls(null, "family data error", "lookup"),
  hstrerror: calls(null, "code"),
  getnameinfo: calls(null, "address flags error", "lookup"),
  getservbyname: calls(null, "service protocol"),
  getservbyport: calls(null, "port protocol"),
  getprotobyname: calls(null, "protocol"),
  gethostname: calls(null, ""),
  sethostname: calls("sethostname", "data"),
  if_nameindex: calls(null, ""),
  if_nametoindex: calls(null, "interface"),
  if_indextoname: calls(null, "index"),
  inet_aton: calls(null, "text"),
  inet_pton: calls(null, "family text"),
  inet_ntop: calls(null, "family data"),
  poll: calls("poll", "wanted count ready timeout_ms"),
  poll_one: calls("poll", "fd events timeout_ms", "pause"),
  select: calls(
    "pselect6",
    "readers reader_count writers writer_count exceptional exceptional_count timeout_us",
  ),
  interrupt_watch: calls("rt_sigaction", "listened"),
  interrupt_defer: calls(null, "deferring"),
  interrupt_die: calls("tgkill", ""),
  signal_take: calls(null, ""),
  signal_set: calls("rt_sigaction", "signo disposition"),
  signal_yield: calls("rt_sigaction", "signo"),
  signal_get: calls("rt_sigaction", "signo"),
  signal_wake: calls("eventfd2", ""),
  signal_wakeup_fd: calls(null, "fd full_is_error"),
  wakeup_errno: calls(null, ""),
  pthread_sigmask: calls("rt_sigprocmask", "how signos before"),
  sigpending: calls("rt_sigpending", "signos"),
  sigtimedwait: calls("rt_sigtimedwait", "signos timeout_ns about"),
  siginterrupt: calls("rt_sigaction", "signo interrupts"),
  raise: calls("tgkill", "signo"),
  alarm: calls("alarm", "seconds"),
  setitimer: calls("setitimer", "which timer before"),
  getitimer: calls("getitimer", "which timer"),
  pause: calls("pause", ""),
  strsignal: calls(null, "signo"),
  // Node's event loop watches, not a poller of the program.
  watch_start: calls("epoll_ctl", "fd keeps_alive once callback", "other"),
  watch_again: calls(null, "number"),
  watch_stop: calls("epoll_ctl", "number", "other"),
  strerror: calls(null, "errno"),
  sockaddr_nl: calls(null, "pid groups"),
  sockaddr_ll: calls(null, "ifindex protocol pkttype hatype data"),
  sockaddr_vm: calls(null, "cid port"),
  receive_queue: calls("ioctl", "fd"),
  send_queue: calls("ioctl", "fd"),
  tcp_state: calls("getsockopt", "fd state"),
  recvmmsg: calls("recvmmsg", "fd bytes size count flags may_block lengths names"),
  sendmmsg: calls("sendmmsg", "fd bytes lengths count flags may_block names"),
  sendfile: calls("sendfile", "fd file offset count may_block"),
  epoll_create1: calls("epoll_create1", ""),
  epoll_ctl: calls("epoll_ctl", "epfd op fd events"),
  epoll_wait: calls("epoll_wait", "epfd ready max_events timeout_ms"),
  kqueue: calls("kqueue", ""),
  kevent: calls("kevent", "kq changes ready max_events timeout_ns"),
} satisfies NativeCalls;

/** A function of the native table. */
export type FunctionName = keyof typeof native_calls;

/** Its arguments. Destructure them: the compiler checks that against lib/native.ts too. */
export type Arguments<Name extends FunctionName> = Parameters<NonNullable<Native[Name]>>;

/** Something for some functions. `satisfies` gives its arguments their types. */
export type ByFunction<Thing> = { readonly [Name in FunctionName]?: Thing };

/** The functions that do any of these. */
export type FunctionThat<Doing extends Act> = {
  [Name in FunctionName]: (typeof native_calls)[Name]["act"] extends Doing ? Name : never;
}[FunctionName];

const by_name: ReadonlyMap<string, SystemCall> = new Map(Object.entries(system_calls));
const natives: ReadonlyMap<string, { act: Act }> = new Map(Object.entries(native_calls));

/** Looks up a system call; the name may come from any file. */
export function system_call(name: string): SystemCall | undefined {
  return by_name.get(name);
}

/** What a recorded call does. */
export function act_of({
  name,
  syscall = name,
  wake,
}: Pick<Call, "name" | "syscall" | "wake">): Act {
  if (wake !== undefined) return "wait";
  const { act } = natives.get(name) ?? by_name.get(syscall) ?? { act: "other" };
  if (act !== "wait") return act;
  // Not a turn of the loop: a kevent(2) that only changes what is watched, or a poll(2) for a socket's timeout.
  return name === "kevent" ? "control" : "pause";
}

/** Whether only iomux's function has this argument, and its system call does not. */
export function is_own_argument({ name }: Pick<Call, "name">, argument: string): boolean {
  // An offset in memory, except for sendfile(2), where it is the offset in the file.
  return argument === "may_block" || (argument === "offset" && name !== "sendfile");
}
