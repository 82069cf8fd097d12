/** Where the program makes its calls, according to the marks of tools/record/traced.py. */
import type { Source, Stack } from "../../../lib/trace/recording.ts";

/** A stack in a mark: the number of each function, and its line. */
type Numbered = readonly (readonly [code: number, line: number])[];

/** The source file that marks call by this path, as the recording has it. */
interface SourceFiles {
  source(path: string): Source;
}

export class Places {
  readonly #codes = new Map<number, readonly [name: string, path: string]>();
  readonly #stacks = new Map<number, Numbered>();
  readonly #written = new Set<number>();
  readonly #names = new Map<string, string>();
  readonly #tracee: SourceFiles;
  readonly #write: (line: Source | Stack) => void;
  /** The number of the stack where the program is now. */
  now = -1;

  /** `write` gets the lines that a call refers to before the call. */
  constructor(tracee: SourceFiles, write: (line: Source | Stack) => void) {
    this.#tracee = tracee;
    this.#write = write;
  }

  /** A mark gives a function its number. */
  code(number: number, name: string, path: string): void {
    this.#codes.set(number, [name, path]);
  }

  /** A mark gives a stack its number. */
  stack(number: number, frames: Numbered): void {
    this.#stacks.set(number, frames);
  }

  /** The stack of a call that is made now. */
  here(): { stack?: number } {
    const stack = this.now;
    const numbered = this.#stacks.get(stack);
    if (numbered === undefined) return {};
    if (!this.#written.has(stack)) {
      this.#written.add(stack);
      const frames = numbered.map(([code, line]): Stack["frames"][number] => {
        const [name, path] = this.#codes.get(code)!;
        return [name, this.source(path), line];
      });
      this.#write({ kind: "stack", stack, frames });
    }
    return { stack };
  }

  /** A source file's name in the recording. */
  source(path: string): string {
    const known = this.#names.get(path);
    if (known !== undefined) return known;
    const source = this.#tracee.source(path);
    this.#names.set(path, source.path);
    this.#write(source);
    return source.path;
  }
}
