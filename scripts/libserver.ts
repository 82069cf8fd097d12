/**
 * The server's side of one exchange: read a request, write the response, close.
 *
 * A message is two bytes with the length of its header, the header (JSON in UTF-8), the content.
 */

import {
  b,
  BlockingIOError,
  bool,
  OSError,
  print,
  repr,
  RuntimeError,
  str,
  ValueError,
} from "iomux/builtins";
import { json_decode, json_encode, pack_length, unpack_length } from "iomux/protocol";
import * as selectors from "iomux/selectors";
import type * as socket from "iomux/socket";
import * as sys from "iomux/sys";

export const request_search = new Map<unknown, string>([
  ["morpheus", "Follow the white rabbit. 🐰"],
  ["ring", "In the caves beneath the Misty Mountains. 💍"],
  ["🐶", "🐾 Playing ball! 🏐"],
]);

type Response = { content_bytes: Buffer; content_type: string; content_encoding: string };

export class Message {
  selector: selectors.BaseSelector<Message | null, socket.socket>;
  sock: socket.socket;
  addr: socket.SocketAddress;
  _recv_buffer: Buffer;
  _send_buffer: Buffer;
  _jsonheader_len: number | null;
  jsonheader: Map<string, unknown> | null;
  request: Map<string, unknown> | Buffer | null;
  response_created: boolean;

  constructor(
    selector: selectors.BaseSelector<Message | null, socket.socket>,
    sock: socket.socket,
    addr: socket.SocketAddress,
  ) {
    this.selector = selector;
    this.sock = sock;
    this.addr = addr;
    this._recv_buffer = b``;
    this._send_buffer = b``;
    this._jsonheader_len = null;
    this.jsonheader = null;
    this.request = null;
    this.response_created = false;
  }

  /** Waits to read ("r"), to write ("w") or for both ("rw") from now on. */
  _set_selector_events_mask(mode: string) {
    let events;
    if (mode === "r") {
      events = selectors.EVENT_READ;
    } else if (mode === "w") {
      events = selectors.EVENT_WRITE;
    } else if (mode === "rw") {
      events = selectors.EVENT_READ | selectors.EVENT_WRITE;
    } else {
      throw new ValueError(`Invalid events mask mode ${repr(mode)}.`);
    }
    this.selector.modify(this.sock, events, this);
  }

  _read() {
    let data;
    try {
      data = this.sock.recv(4096);
    } catch (error) {
      // Nothing there after all.
      if (error instanceof BlockingIOError) return;
      throw error;
    }
    if (data.length > 0) {
      // Copies all that has come before: slow for a large message, and nothing limits one.
      this._recv_buffer = Buffer.concat([this._recv_buffer, data]);
    } else {
      throw new RuntimeError("Peer closed.");
    }
  }

  _write() {
    if (this._send_buffer.length > 0) {
      print(`Sending ${repr(this._send_buffer)} to ${str(this.addr)}`);
      let sent;
      try {
        sent = this.sock.send(this._send_buffer);
      } catch (error) {
        // No room after all.
        if (error instanceof BlockingIOError) return;
        throw error;
      }
      this._send_buffer = this._send_buffer.subarray(sent);
      // The response is on its way: the exchange is over.
      if (sent > 0 && this._send_buffer.length === 0) {
        this.close();
      }
    }
  }

  _json_encode(obj: unknown, encoding: string) {
    return json_encode(obj, encoding);
  }

  _json_decode(json_bytes: Buffer, encoding: string) {
    return json_decode(json_bytes, encoding) as Map<string, unknown>;
  }

  _create_message({ content_bytes, content_type, content_encoding }: Response) {
    const jsonheader = {
      byteorder: sys.byteorder,
      "content-type": content_type,
      "content-encoding": content_encoding,
      "content-length": content_bytes.length,
    };
    const jsonheader_bytes = this._json_encode(jsonheader, "utf-8");
    const message_hdr = pack_length(jsonheader_bytes.length);
    return Buffer.concat([message_hdr, jsonheader_bytes, content_bytes]);
  }

  _create_response_json_content(): Response {
    const request = this.request as Map<string, unknown>;
    const action = request.get("action");
    let content;
    if (action === "search") {
      const query = request.get("value");
      // In Python, looking up what can change raises by itself.
      if (typeof query === "object" && query !== null) throw new TypeError("unhashable type");
      const answer = request_search.get(query) ?? `No match for '${str(query)}'.`;
      content = { result: answer };
    } else {
      content = { result: `Error: invalid action '${str(action)}'.` };
    }
    return {
      content_bytes: this._json_encode(content, "utf-8"),
      content_type: "text/json",
      content_encoding: "utf-8",
    };
  }

  _create_response_binary_content(): Response {
    const request = this.request as Buffer;
    return {
      content_bytes: b`First 10 bytes of request: ${request.subarray(0, 10)}`,
      content_type: "binary/custom-server-binary-type",
      content_encoding: "binary",
    };
  }

  process_events(mask: number) {
    if (mask & selectors.EVENT_READ) {
      this.read();
    }
    if (mask & selectors.EVENT_WRITE) {
      this.write();
    }
  }

  read() {
    this._read();

    if (this._jsonheader_len === null) {
      this.process_protoheader();
    }

    if (this._jsonheader_len !== null) {
      if (this.jsonheader === null) {
        this.process_jsonheader();
      }
    }

    if (bool(this.jsonheader)) {
      if (this.request === null) {
        this.process_request();
      }
    }
  }

  write() {
    // A request of {}, [], null or no bytes counts as none: there is never an answer to it, and
    // waiting to write keeps the loop turning for ever.
    if (bool(this.request)) {
      if (!this.response_created) {
        this.create_response();
      }
    }

    this._write();
  }

  close() {
    print(`Closing connection to ${str(this.addr)}`);
    try {
      this.selector.unregister(this.sock);
    } catch (e) {
      print(`Error: selector.unregister() exception for ${str(this.addr)}: ${repr(e)}`);
    }

    try {
      this.sock.close();
    } catch (e) {
      if (!(e instanceof OSError)) throw e;
      print(`Error: socket.close() exception for ${str(this.addr)}: ${repr(e)}`);
    }
  }

  process_protoheader() {
    const hdrlen = 2;
    if (this._recv_buffer.length >= hdrlen) {
      this._jsonheader_len = unpack_length(this._recv_buffer.subarray(0, hdrlen));
      this._recv_buffer = this._recv_buffer.subarray(hdrlen);
    }
  }

  process_jsonheader() {
    const hdrlen = this._jsonheader_len!;
    if (this._recv_buffer.length >= hdrlen) {
      this.jsonheader = this._json_decode(this._recv_buffer.subarray(0, hdrlen), "utf-8");
      this._recv_buffer = this._recv_buffer.subarray(hdrlen);
      for (const reqhdr of ["byteorder", "content-length", "content-type", "content-encoding"]) {
        if (!this.jsonheader.has(reqhdr)) {
          throw new ValueError(`Missing required header '${reqhdr}'.`);
        }
      }
    }
  }

  process_request() {
    const content_len = this.jsonheader!.get("content-length");
    // In Python, comparing anything but a number, or slicing by a fraction, raises by itself.
    if (typeof content_len !== "number" || !Number.isInteger(content_len)) {
      throw new TypeError("content-length is not an integer");
    }
    if (!(this._recv_buffer.length >= content_len)) {
      return;
    }
    const data = this._recv_buffer.subarray(0, content_len);
    this._recv_buffer = this._recv_buffer.subarray(content_len);
    if (this.jsonheader!.get("content-type") === "text/json") {
      const encoding = this.jsonheader!.get("content-encoding") as string;
      this.request = this._json_decode(data, encoding);
      print(`Received request ${repr(this.request)} from ${str(this.addr)}`);
    } else {
      this.request = data;
      print(`Received ${str(this.jsonheader!.get("content-type"))} request from ${str(this.addr)}`);
    }
    // Done reading: wait for room to write.
    this._set_selector_events_mask("w");
  }

  create_response() {
    let response;
    if (this.jsonheader!.get("content-type") === "text/json") {
      response = this._create_response_json_content();
    } else {
      response = this._create_response_binary_content();
    }
    const message = this._create_message(response);
    this.response_created = true;
    this._send_buffer = Buffer.concat([this._send_buffer, message]);
  }
}
