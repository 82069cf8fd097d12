/** Memory for several datagrams that one system call receives or sends. */
import { as_bytes } from "../core/arguments.ts";
import type { BytesLike } from "../core/arguments.ts";
import { allocate, copied } from "../core/memory.ts";
import { tuple, type_name } from "../core/repr.ts";
import { native } from "../native.ts";
import type { Sockaddr } from "../native.ts";
import { read_sender, to_sockaddr } from "./address.ts";
import type { Address, AddressOf } from "./address.ts";
import { cut, LARGEST_CUT, room, slab } from "./received.ts";

/** The system takes no more at once. */
export const MOST_MESSAGES = 1024;

const { NAME_SIZE, NAME_OFFSET } = native.constants;

/** Some names one after the other, each as bytes and as words, and the lengths of the messages. */
class Rooms {
  readonly names: Uint8Array;
  readonly lengths: Int32Array;
  readonly each: readonly (readonly [name: Uint8Array, words: Int32Array])[];

  constructor(count: number) {
    this.names = new Uint8Array(count * NAME_SIZE);
    this.lengths = new Int32Array(count);
    this.each = Array.from({ length: count }, (_, index) => {
      const name = this.names.subarray(index * NAME_SIZE, (index + 1) * NAME_SIZE);
      return [
        name,
        new Int32Array(name.buffer, name.byteOffset, NAME_SIZE / Int32Array.BYTES_PER_ELEMENT),
      ] as const;
    });
  }
}

let rooms = new Rooms(0);

/** Rooms for so many messages, for one system call. */
function rooms_for(count: number): Rooms {
  // Larger than asked for, as a list that grows asks for more each time.
  const enough = Math.min(Math.max(count, rooms.each.length * 2), MOST_MESSAGES);
  if (rooms.each.length < count) rooms = new Rooms(enough);
  return rooms;
}

let scratch: Buffer = allocate(0);
/** So much is kept for the next call. */
const LARGEST_SCRATCH = 4 * 1024 * 1024;

function scratch_for(size: number): Buffer {
  if (scratch.length >= size) return scratch;
  const bytes = allocate(size);
  if (size <= LARGEST_SCRATCH) scratch = bytes;
  return bytes;
}

/** One call of recvmmsg(2): the number of messages, or -errno. */
type Receive = (bytes: Buffer, lengths: Int32Array, names: Uint8Array) => number;

/** What a call has received, as tuples of bytes and address; a number is its -errno. */
export function receive_batch<F>(
  count: number,
  size: number,
  receive: Receive,
): (readonly [data: Buffer, address: AddressOf<F>])[] | number {
  const { names, lengths, each } = rooms_for(count);
  const bytes = scratch_for(count * size);
  const n = receive(bytes, lengths, names);
  if (n < 0) return n;
  return Array.from({ length: n }, (_, index) => {
    const start = index * size;
    const [name, words] = each[index];
    return Object.freeze([
      result(bytes, start, lengths[index]),
      read_sender<F>(name, words),
    ] as const);
  });
}

/** A datagram out of the scratch, where the next call will write. */
function result(bytes: Buffer, start: number, length: number): Buffer {
  if (length > LARGEST_CUT) return copied(bytes, start, start + length);
  const at = room(length);
  bytes.copy(slab, at, start, start + length);
  return cut(at, length);
}

/** A datagram to send: its bytes, and where to; null for a connected socket's peer. */
export type Message = readonly [data: BytesLike, address: Address | null];

/** Messages that have been looked at: as bytes. */
export type Packet = readonly [bytes: BytesLike, sockaddr: Sockaddr | null];

/** Messages as a call takes them. TypeError for what is no pair. */
export function packets_of(messages: Iterable<Message> | undefined, family: number): Packet[] {
  if (messages === undefined) throw new TypeError("'NoneType' object is not iterable");
  return tuple(messages).map((message: unknown) => {
    if (!Array.isArray(message) || message.length !== 2) {
      throw new TypeError(`a message must be a pair (data, address), not ${type_name(message)}`);
    }
    const [data, address] = message as unknown[];
    const sockaddr = address === null ? null : to_sockaddr(family, address, "sendmmsg");
    return [as_bytes(data), sockaddr] as const;
  });
}

/** Puts packets where one call of sendmmsg(2) finds them, and makes the call. */
export function send_batch(
  packets: readonly Packet[],
  send: (bytes: Buffer, lengths: Int32Array, names: Uint8Array) => number,
): number {
  const { names, lengths, each } = rooms_for(packets.length);
  const total = packets.reduce((sum, [bytes]) => sum + bytes.byteLength, 0);
  const all = scratch_for(total);
  let at = 0;
  for (const [index, [bytes, sockaddr]] of packets.entries()) {
    const { buffer, byteOffset, byteLength } = bytes;
    all.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
    lengths[index] = byteLength;
    const [name, words] = each[index];
    words[0] = sockaddr?.byteLength ?? 0;
    if (sockaddr !== null) name.set(sockaddr, NAME_OFFSET);
  }
  return send(all, lengths, names);
}
