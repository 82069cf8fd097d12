/**
 * The format of a recording: JSON, one object a line (JSON Lines, UTF-8). This file alone defines what
 * each line may hold; docs/recording.md explains it with examples.
 *
 * A line's `kind` says what it is. Lines of a process are in the order in which things happened. A
 * recording of several processes has their lines in the order of time, each with the number of its
 * process in `process`; in a recording of one process, `process` may be left out, and means 0.
 *
 * Times are nanoseconds of CLOCK_MONOTONIC, counted from its `header`'s `clock`: one clock for all
 * processes of a machine. clock_gettime(2)
 */

/** The version of this format. A reader refuses any other version, and ignores lines of an unknown kind. */
export const VERSION = 1;

/** Any line. */
export type Line = Header | Source | Stack | Call | Print | Fault | End;

/** What every line has. */
interface OfProcess {
  /** Whose line it is: 0, 1 ... in the order in which the processes began. Left out, it means 0. */
  readonly process?: number;
}

/** A process, before anything else of it. */
export interface Header extends OfProcess {
  /** What line it is. */
  readonly kind: "header";
  /** What file it is. */
  readonly format: "iomux-recording";
  /** Which version of this format. */
  readonly version: typeof VERSION;
  /** The process's number. */
  readonly pid: number;
  /** What to call it: the script's name without its folder, "multiconn-server.ts". */
  readonly program: string;
  /** The script, as it was named, and its arguments. */
  readonly argv: readonly string[];
  /** What it runs on: iomux, Python's own modules, or node:net. */
  readonly runs_on: "iomux" | "python" | "net";
  /** Who saw its calls: iomux's own table of native functions, or strace(1). */
  readonly seen_by: "iomux" | "strace";
  /** "Node.js v20.20.2", "Python 3.11.7". */
  readonly runtime: string;
  /** "linux", as `process.platform`. */
  readonly platform: string;
  /** When it began, by the wall clock (CLOCK_REALTIME), in ISO 8601. */
  readonly started: string;
  /** CLOCK_MONOTONIC at time 0 of this recording, in nanoseconds, as decimal digits: a number might not hold it. */
  readonly clock: string;
  /** Whether `why` was asked for. */
  readonly why: boolean;
  /** The names of the watched attributes. */
  readonly watch: readonly string[];
}

/** The text of a source file that calls were made from, before the first stack that names it. */
export interface Source extends OfProcess {
  /** What line it is. */
  readonly kind: "source";
  /** As stacks name it: relative to the folder where the program was started, or absolute when outside. */
  readonly path: string;
  /** All of it. */
  readonly text: string;
  /** The same program in the other language, when it lies beside: `echo-server.py` of `echo-server.ts`. */
  readonly twin?: { readonly path: string; readonly text: string };
}

/** Where a call was made: the program's own frames, without iomux's and the runtime's. */
export interface Stack extends OfProcess {
  /** What line it is. */
  readonly kind: "stack";
  /** Calls name it by this number. */
  readonly stack: number;
  /** Innermost first. A line is counted from 1; a module's own code is in "<module>", as Python calls it. */
  readonly frames: readonly (readonly [function_name: string, path: string, line: number])[];
}

/** A call, and what came of it. */
export interface Call extends OfProcess {
  /** What line it is. */
  readonly kind: "call";
  /** 0, 1, 2 ... in each process, in the order in which the calls began. */
  readonly call: number;
  /** When it began. */
  readonly t: number;
  /** How long it took, in nanoseconds: asleep in the kernel, if it could wait. */
  readonly d: number;
  /** How long the recorder held the program up: after the call before, and just before this one; nanoseconds. */
  readonly overhead?: readonly [after: number, before: number];
  /** The function of iomux's native table, "recv"; for strace the same as `syscall`. */
  readonly name: string;
  /** The system call that it makes, as strace names it, "recvfrom"; left out where it makes none. */
  readonly syscall?: string;
  /**
   * The arguments by their names, in their order: numbers, names of constants ("AF_INET",
   * "POLLIN|POLLOUT"), addresses as Python's tuples (a list), null. Bytes are in `data`.
   */
  readonly args: Readonly<Record<string, unknown>>;
  /** What it returned; null where it failed. */
  readonly result: number | string | readonly unknown[] | null;
  /** The name of its error, "EAGAIN"; left out where it did not fail. */
  readonly errno?: string;
  /** How many bytes it moved; left out where it moves none. */
  readonly bytes?: number;
  /** The first of these bytes, as text, with Python's escapes for bytes: "Hello\\r\\n\\x00". */
  readonly data?: string;
  /** The descriptor that it is about. */
  readonly fd?: number;
  /** Which life of that descriptor: the third fd 7 is not the first. Numbers are never used again. */
  readonly life?: number;
  /** Of a connect, if `why`: the address of this end, which the peer's `accept` returns. */
  readonly local?: unknown;
  /** The descriptors that it made: each a new life. */
  readonly made?: readonly Life[];
  /** The life that it ended: a close that succeeded. */
  readonly ended?: number;
  /** Where it was made; left out when no frame of the program was on the stack. */
  readonly stack?: number;
  /** How often the program had gone to sleep in a selector, this time included; 0 before the first. */
  readonly loop: number;
  /** Of a call that waits for many descriptors. */
  readonly wake?: Wake;
  /** Watched attributes that have changed since the last call: by life, then by name. */
  readonly watched?: Readonly<Record<string, Readonly<Record<string, Watched>>>>;
}

/** A descriptor's life begins. */
export interface Life {
  /** The descriptor. */
  readonly fd: number;
  /** The number of its life. */
  readonly life: number;
  /** What it is. */
  readonly what: "socket" | "epoll" | "kqueue" | "other";
  /** For a connection that was accepted, its peer; for others what is known. */
  readonly peer?: unknown;
}

/** What a readiness call was asked, and what it said. Masks are numbers. */
export interface Wake {
  /** By which call. */
  readonly by: "epoll" | "poll" | "select" | "kqueue";
  /** The life of the epoll descriptor or kqueue; left out for poll and select. */
  readonly poller?: number;
  /** How long it would have waited at most, in milliseconds; null for ever. */
  readonly timeout: number | null;
  /**
   * What it was asked to watch: descriptor, its life, EVENT_READ (1) and EVENT_WRITE (2). Left out when it
   * is as in the last wake-up by the same poller (for poll and select: in the last of this process).
   */
  readonly interest?: readonly Interest[];
  /** What the kernel said: descriptor, its life, the raw mask (POLLIN 1, POLLPRI 2, POLLOUT 4, POLLERR 8, POLLHUP 16, POLLRDHUP 0x2000); for select, 1 and 4. */
  readonly ready: readonly Interest[];
  /** What the selector made of it: descriptor, its life, EVENT_READ and EVENT_WRITE. Left out when no selector was there. */
  readonly selected?: readonly Interest[];
  /** Of each ready socket, on request, what the kernel holds for it. */
  readonly why?: readonly Why[];
}

/** A descriptor, its life, and a mask. */
export type Interest = readonly [fd: number, life: number, mask: number];

/** Why a descriptor was ready. */
export interface Why {
  /** The descriptor. */
  readonly fd: number;
  /** The number of its life. */
  readonly life: number;
  /** Bytes that can be read: FIONREAD; of a listener, connections that wait to be accepted. */
  readonly receive: number | null;
  /** Bytes sent, and not yet acknowledged: SIOCOUTQ. */
  readonly send: number | null;
  /** The send buffer's size: SO_SNDBUF. */
  readonly send_room: number | null;
  /** The receive buffer's size: SO_RCVBUF; of a listener, its backlog. */
  readonly receive_room: number | null;
  /** TCP's state, "ESTABLISHED"; null for what is no TCP socket. tcp(7) */
  readonly state: string | null;
  /** Whether an error is pending. Its number is seen at the call that takes it: to read it here would take it away. */
  readonly error: boolean;
}

/** A watched attribute: how many bytes a buffer holds and the first of them, or a value as the program would print it. */
export type Watched =
  | {
      /** How long it is. */
      readonly bytes: number;
      /** The first of its bytes, as in `Call.data`. */
      readonly data: string;
    }
  | {
      /** As Python's repr, shortened. */
      readonly value: string;
    };

/** What the program printed. */
export interface Print extends OfProcess {
  /** What line it is. */
  readonly kind: "print";
  /** When. */
  readonly t: number;
  /** Where to: 1 or 2. */
  readonly fd: number;
  /** What was printed. */
  readonly text: string;
  /** Whether its end is left out, and what was printed later: a recording keeps the first 16 MiB. */
  readonly cut?: true;
}

/** A fault that was asked for, when it was made. */
export interface Fault extends OfProcess {
  /** What line it is. */
  readonly kind: "fault";
  /** When. */
  readonly t: number;
  /** Its name on the command line, "rst". */
  readonly name: string;
  /** What was done, in a sentence. */
  readonly text: string;
}

/** The process is over; left out when the recording was cut off. */
export interface End extends OfProcess {
  /** What line it is. */
  readonly kind: "end";
  /** When. */
  readonly t: number;
  /** Its exit status, or null when a signal ended it. */
  readonly status: number | null;
  /** The signal that ended it, "SIGKILL". */
  readonly signal?: string;
  /** What it threw and nobody caught: the first line. */
  readonly error?: string;
  /** How many characters or bytes of what it printed are left out. */
  readonly omitted?: number;
  /** What recording has cost the program: nanoseconds in all, outside of the calls' own durations. */
  readonly overhead?: { readonly calls: number; readonly ns: number };
}
