/** The other thread of a program: runs one statement, and tells what it came to. */
import { parentPort, workerData } from "node:worker_threads";

import { new_names, outcome_of } from "./runtime.ts";

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
parentPort!.postMessage(await outcome_of(workerData as string, new_names("")));
