/** What a command is doing, on standard error: a line that changes on a terminal, otherwise one for each step. */
import ora from "ora";

const spinner = ora({ stream: process.stderr });

/** Says what goes on; `detail` changes while it does, and is for terminals. */
export function say(text: string, detail: string = ""): void {
  if (process.stderr.isTTY) spinner.start(`${text}${detail}`);
  else if (detail === "") process.stderr.write(`${text}\n`);
}

/** Takes the line away, before something else is printed. */
export function end_progress(): void {
  spinner.stop();
}

/** Does something while the terminal says what. */
export async function step<T>(text: string, work: () => Promise<T>): Promise<T> {
  say(text);
  try {
    return await work();
  } finally {
    end_progress();
  }
}
