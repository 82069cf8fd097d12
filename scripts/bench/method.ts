/** What every report says about its figures: what they mean, how they were made, what they cannot say. */

export const MEANING =
  "The comparison is not one of equals: a program on iomux or on Python's selectors is one loop that " +
  "blocks its thread in the system's readiness call, and nothing else runs meanwhile; node:net gives " +
  "that up for an event loop which timers, promises, files and other libraries share. What iomux " +
  "saves is what that sharing costs. It is no reason to write a web server on it.";

export const METHOD: readonly string[] = [
  "Each arm runs in its own process, a new one for each round, and is warmed up before it is measured.",
  "The rounds are interleaved, and each begins with another arm, so that whatever else the machine does affects all alike. Figures are medians; ratios and differences are taken within a round, and the median of those is shown.",
  "The steadiest figure is the server's CPU time for a message, of all its threads (clock_getcpuclockid(3)): it does not depend on how busy the load was.",
  "The load is a C++ program (native/bench/load.cc) on its own processor. In a closed loop a connection sends its next message when the last has come back; with a fixed rate, a message's latency counts from when it was due, so that a server that stalls is not spared. All bytes that come back are checked.",
  "The load's own CPU share is measured as well. Where it was busier than the server, the throughput is only the least that the server can do: it is marked, and goes into no ratio.",
  "TCP_NODELAY is set by all servers but the tutorial's, and by the load where a connection has more than one message; all servers but the tutorial's read at most 64 KiB at a time. Latencies are kept in an HdrHistogram.",
  "The TypeScript servers run as plain JavaScript on the built package, without a loader.",
  "System calls are counted by strace(1), garbage collection by --trace-gc, each in a separate run.",
];

export const LIMITS: readonly string[] = [
  "Client and server share one machine and its loopback interface: no network card, no driver, no distance.",
  "The shared machines of a cloud change their speed from minute to minute: compare ratios, not absolute figures of different runs.",
  "Large messages with many under way measure the processor's caches as much as the server: the same program, making the same calls, is twice as fast in rounds in which what it receives is still there.",
  "The memory of a connection is the server process's own; what the kernel keeps for a socket comes on top, and is the same for all.",
];
