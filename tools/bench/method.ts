/** What every report says about its figures: what they mean, how they were made, what they cannot say. */

export const MEANING =
  "The comparison is not between equals: a program on iomux or on Python's selectors is one loop that " +
  "blocks its thread in the readiness call, and nothing else runs meanwhile; node:net gives that up " +
  "for an event loop that timers, promises, files and other libraries share. iomux saves the cost of " +
  "that sharing. That is no reason to write a web server on it.";

export const METHOD: readonly string[] = [
  "Each round starts every arm in a new process and warms it up before measuring.",
  "Rounds are interleaved, and each begins with a different arm, so that other activity on the machine affects all alike. Figures are geometric means over the rounds, so that the ratio of two figures is the mean of the ratios within each round. Its interval is the bootstrap's, of 95 %: rounds drawn again and again from those that there are. Where it is wider than ±15 %, as many rounds again are measured, and what then is still wider is marked.",
  "The steadiest figure is the server's CPU time per message, over all its threads (clock_getcpuclockid(3)): it does not depend on how busy the load was.",
  "The load is a C++ program (native/bench/load.cc) on a separate processor. In a closed loop, a connection sends its next message when the last one has come back; at a fixed rate, a message's latency counts from when it was due, so a stalled server is not spared. All bytes that come back are checked.",
  "The load's CPU share is measured too. Where the load was busier than the server, the throughput is only a lower bound: it is marked, and no ratio is computed.",
  "All servers except the tutorial's set TCP_NODELAY and read at most 64 KiB at a time; the load sets TCP_NODELAY where a connection carries more than one message. Latencies are recorded in an HdrHistogram.",
  "The TypeScript servers run as plain JavaScript on the built package, without a loader.",
  "strace(1) counts system calls and --trace-gc measures garbage collection, each in a separate run. Instructions in user mode are counted by valgrind's callgrind, until two counts of three seconds in a row are within 5 %: a server is then up to fifty times slower, so the kernel's part and the garbage collector's differ from those of a measured run.",
];

export const LIMITS: readonly string[] = [
  "Client and server share one machine and its loopback interface: no network card, no driver, no distance.",
  "Shared cloud machines change speed from minute to minute: compare ratios, not absolute figures from different runs.",
  "Many large messages in flight measure the processor's caches as much as the server: the same program, making the same calls, is twice as fast in rounds where the received data is still cached.",
  "The memory of a connection is the server process's; the kernel's memory for a socket comes on top and is the same for all.",
];

/** What a run with so few rounds cannot say. */
export function too_few(rounds: number): string {
  const times = rounds === 1 ? "1 round shows" : `${rounds} rounds show`;
  return (
    `${times} what is much faster, and not by how much: on most machines a difference of less than a ` +
    "third may be chance, so no interval is given. For figures that hold: --rounds 9."
  );
}
