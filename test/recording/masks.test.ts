/** Masks of events: their names, and which of them a selector returns. */
import { expect, test } from "vitest";

import * as select from "iomux/select";
import * as selectors from "iomux/selectors";

import { event_names, mask_names, to_events } from "../../tools/recording/masks.ts";

const { EVENT_READ, EVENT_WRITE } = selectors;
const BOTH = EVENT_READ | EVENT_WRITE;

test("masks by their names, as this system numbers them", () => {
  const { POLLIN, POLLPRI, POLLOUT, POLLERR, POLLHUP, POLLNVAL, POLLRDHUP } = select;
  expect(mask_names(POLLIN | POLLHUP)).toBe("POLLIN|POLLHUP");
  expect(mask_names(POLLPRI | POLLOUT | POLLERR)).toBe("POLLPRI|POLLOUT|POLLERR");
  expect(mask_names(POLLNVAL | POLLRDHUP)).toBe("POLLNVAL|POLLRDHUP");
  expect(mask_names(0)).toBe("0");
  expect(mask_names(POLLIN | 0x80000000)).toBe("POLLIN|0x80000000");
  expect(event_names(BOTH)).toBe("EVENT_READ|EVENT_WRITE");
  expect([POLLIN, POLLOUT, POLLHUP, POLLIN | POLLOUT].map(to_events)).toEqual([
    EVENT_READ,
    EVENT_WRITE,
    BOTH,
    BOTH,
  ]);
});
