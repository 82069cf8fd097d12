/** What the addon under test has: that of the system, or of the backend that it was built with. */
import * as select from "iomux/select";
import { EpollSelector, KqueueSelector, PollSelector, SelectSelector } from "iomux/selectors";
import type { BaseSelector } from "iomux/selectors";

import { native } from "../../lib/native.ts";

export const has_epoll: boolean = select.epoll !== undefined;

/** A selector with a descriptor of its own, which Node's event loop can watch. */
export const has_poller: boolean = has_epoll || select.kqueue !== undefined;

/** Only Linux's own backend makes CPython's system calls; the portable one makes some more. */
export const is_linux: boolean = native.platform === "linux";

type SelectorClass = new <Data = unknown>() => BaseSelector<Data>;

const all: [name: string, Selector: SelectorClass | undefined][] = [
  ["EpollSelector", EpollSelector],
  ["KqueueSelector", KqueueSelector],
  ["PollSelector", PollSelector],
  ["SelectSelector", SelectSelector],
];

/** The selectors that there are; what the system has not is undefined. */
export const kinds: [name: string, Selector: SelectorClass][] = all.filter(
  (kind): kind is [name: string, Selector: SelectorClass] => kind[1] !== undefined,
);

/** The call in which the default selector waits. */
export const waiting_call: string = has_epoll ? "epoll_wait" : has_poller ? "kevent" : "poll";
