/** What is tested in every runtime: the library and the addon, by the files of the test suite. */
export interface Part {
  readonly name: string;
  /** How the paths of its test files begin. */
  readonly files: readonly string[];
}

export const PARTS: readonly Part[] = [
  {
    name: "sockets, files, names",
    files: [
      "test/socket/",
      "test/io/",
      "test/core/",
      "test/builtins",
      "test/bytes",
      "test/sys",
      "test/socketserver",
    ],
  },
  { name: "select, poll, epoll", files: ["test/select/"] },
  { name: "select_async()", files: ["test/selectors/async"] },
  { name: "selectors", files: ["test/selectors/"] },
  { name: "compared with Python", files: ["test/differential", "test/struct/"] },
  { name: "Ctrl-C", files: ["test/scripts/tutorial-interrupt"] },
  { name: "the tutorial", files: ["test/scripts/tutorial-", "test/protocol/"] },
  { name: "signal handlers", files: ["test/signal"] },
  { name: "worker threads", files: ["test/native/workers", "test/native/leaks"] },
  { name: "bad arguments", files: ["test/native/boundary", "test/package/misuse"] },
  { name: "recordings", files: ["test/trace/"] },
];

/** The part to which a test file belongs: the first that names it. */
export function part_of(file: string): Part | undefined {
  return PARTS.find(({ files }) => files.some((beginning) => file.startsWith(beginning)));
}
