/** Programs on iomux/sys that test/sys.test.ts runs beside the same ones in Python. */
import { print, repr } from "iomux/builtins";
import * as sys from "iomux/sys";

const programs: Record<string, () => void> = {
  lines(): void {
    print(repr(sys.stdin.readline()), repr(sys.stdin.read(3)), repr(sys.stdin.readline(2)));
    for (const line of sys.stdin) sys.stdout.write(line.toUpperCase());
    print(repr(sys.stdin.read()));
  },

  bytes(): void {
    for (;;) {
      const data = sys.stdin.buffer.read(65_536)!;
      if (data.length === 0) break;
      sys.stdout.buffer.write(data);
    }
    sys.stdout.buffer.flush();
  },

  print(): void {
    print("a", "b", { sep: "-", end: "!\n" });
    print("a", { end: "" });
    print({ sep: "" });
    print(1, null, [2], { sep: null, end: null });
    print("to error", { file: sys.stderr, flush: true });
    print({ key: "value" }, { sep: "," });
    print({ key: 1, end: 2 });
    print({});
    sys.stdout.buffer.write(Buffer.from("\xff\n", "latin1"));
    sys.stderr.write("half \udc80\n");
    for (const wrong of [{ sep: 1 }, { end: ["x"] }]) {
      try {
        print("x", wrong);
      } catch (error) {
        print((error as Error).message);
      }
    }
  },

  about(): void {
    const files = [sys.stdin, sys.stdout, sys.stderr];
    print(files.map((file) => file.fileno()));
    print(files.map((file) => file.readable()));
    print(files.map((file) => file.writable()));
    print(files.map((file) => file.isatty()));
    print(sys.argv.slice(1), sys.byteorder);
  },

  exit_status: () => sys.exit(300),
  exit_true: () => sys.exit(true),
  exit_message: () => sys.exit("it ends, é"),
  exit_none: () => sys.exit(),

  /** Node makes a pipe non-blocking when it first hears of it. */
  nonblocking(): void {
    process.stdout.on("error", () => {});
    programs.bytes();
  },

  wait(): void {
    sys.stderr.write("waiting\n");
    try {
      sys.stdin.readline();
    } catch (error) {
      print((error as Error).name, { file: sys.stderr });
    }
  },
};

programs[process.argv[2]]();
