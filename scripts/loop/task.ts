/** Futures and tasks of steps 4 and 5: anything can be waited for, also the end of a coroutine. */

import type * as socket from "iomux/socket";

import type { Loop } from "./loop.ts";

/** A result that comes later, and whom to tell. */
export class Future<T> {
  is_done = false;
  result?: T;
  readonly callbacks: ((result: T) => void)[] = [];

  set_result(result: T) {
    this.is_done = true;
    this.result = result;
    for (const callback of this.callbacks) {
      callback(result);
    }
  }

  add_done_callback(callback: (result: T) => void) {
    if (this.is_done) {
      callback(this.result!);
    } else {
      this.callbacks.push(callback);
    }
  }

  // What `await` calls: step 5.
  // oxlint-disable-next-line unicorn/no-thenable -- that is how
  then(resume: (result: T) => void) {
    this.add_done_callback(resume);
  }
}

/**
 * Yields the futures it waits for, and is resumed with their results; TypeScript cannot tell which
 * result belongs to which future.
 */
export type Coroutine<T> = Generator<Future<any>, T>;

/** A coroutine that yields the futures it waits for. What it returns is its result. */
export class Task<T> extends Future<T> {
  readonly coroutine: Coroutine<T>;

  constructor(coroutine: Coroutine<T>) {
    super();
    this.coroutine = coroutine;
  }

  /** Lets it run until it waits again. */
  resume(value: unknown) {
    const step = this.coroutine.next(value);
    if (step.done) {
      this.set_result(step.value);
    } else {
      step.value.add_done_callback((result) => this.resume(result));
    }
  }
}

/** Lets a coroutine run until it waits. asyncio: `create_task`. */
export function start<T>(coroutine: Coroutine<T>) {
  const task = new Task(coroutine);
  task.resume(undefined);
  return task;
}

export function ready(loop: Loop, sock: socket.socket, event: number) {
  const future = new Future<boolean>();
  loop.call_when_ready(sock, event, () => future.set_result(true));
  return future;
}

/** A future whose result is whether the socket was ready in time. */
export function ready_within(loop: Loop, sock: socket.socket, event: number, seconds: number) {
  const future = new Future<boolean>();

  const is_ready = () => {
    timer.cancel();
    future.set_result(true);
  };

  const is_late = () => {
    loop.forget(sock);
    future.set_result(false);
  };

  const timer = loop.call_later(seconds, is_late);
  loop.call_when_ready(sock, event, is_ready);
  return future;
}
