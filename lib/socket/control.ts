/** The control data of messages, and the pieces of memory that they consist of. */
import { argument_type, as_bytes, as_int, as_signed_size } from "../core/arguments.ts";
import type { BytesLike } from "../core/arguments.ts";
import { ValueError } from "../core/exceptions.ts";
import { allocate } from "../core/memory.ts";
import { tuple } from "../core/repr.ts";
import { native } from "../native.ts";

/** One item of received control data. cmsg(3) */
export type AncillaryData = readonly [cmsg_level: number, cmsg_type: number, cmsg_data: Buffer];

/** One item of control data to send, its bytes in any view of memory. */
export type AncillaryItem = readonly [cmsg_level: number, cmsg_type: number, cmsg_data: BytesLike];

/** Room for control data. */
export function control_room(ancbufsize: unknown): Uint8Array {
  const size = as_signed_size(ancbufsize);
  if (size < 0 || size > 2 ** 31 - 1) throw new ValueError("invalid ancillary data buffer length");
  return allocate(size);
}

/** The control data that recvmsg has left, `length` bytes in all. */
export function control_data(control: Uint8Array, length: number): AncillaryData[] {
  return native
    .cmsg_decode(control, Math.min(length, control.length))
    .map(([level, type, data]) => tuple([level, type, Buffer.from(data.buffer)]));
}

/** Pieces of memory, in any iterable. */
export function as_views(
  buffers: unknown,
  not_iterable: string,
  not_bytes: (item: unknown) => string,
): BytesLike[] {
  if (typeof (buffers as Iterable<unknown> | null)?.[Symbol.iterator] !== "function") {
    throw new TypeError(not_iterable);
  }
  return Array.from(buffers as Iterable<unknown>, (item) => {
    if (ArrayBuffer.isView(item)) return item;
    throw new TypeError(not_bytes(item));
  });
}

export function control_bytes(ancdata: Iterable<AncillaryItem>): Uint8Array {
  if (typeof (ancdata as Iterable<AncillaryItem> | null)?.[Symbol.iterator] !== "function") {
    throw new TypeError("sendmsg() argument 2 must be an iterable");
  }
  const items = [...ancdata];
  const headers = items.flatMap((item) => {
    const what = "[sendmsg() ancillary data items]() argument must be";
    if (!Array.isArray(item))
      throw new TypeError(`${what} 3-item sequence, not ${argument_type(item)}`);
    if (item.length !== 3) {
      throw new TypeError(`${what} sequence of length 3, not ${(item as unknown[]).length}`);
    }
    return [as_int(item[0]), as_int(item[1])];
  });
  return native.cmsg_encode(
    Int32Array.from(headers),
    items.map(([, , data]) => as_bytes(data)),
  );
}
