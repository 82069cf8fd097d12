/**
 * The client's side of one exchange: write the request, read the response, close.
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

export type Request = {
  type: string;
  encoding: string;
  content: { action: string; value: string } | Buffer;
};

type Content = { content_bytes: Buffer; content_type: string; content_encoding: string };

export class Message {
  selector: selectors.BaseSelector<Message, socket.socket>;
  sock: socket.socket;
  addr: socket.SocketAddress;
  request: Request;
  _recv_buffer: Buffer;
  _send_buffer: Buffer;
  _request_queued: boolean;
  _jsonheader_len: number | null;
  jsonheader: Map<string, unknown> | null;
  response: Map<string, unknown> | Buffer | null;

  constructor(
    selector: selectors.BaseSelector<Message, socket.socket>,
    sock: socket.socket,
    addr: socket.SocketAddress,
    request: Request,
  ) {
    this.selector = selector;
    this.sock = sock;
    this.addr = addr;
    this.request = request;
    this._recv_buffer = b``;
    this._send_buffer = b``;
    this._request_queued = false;
    this._jsonheader_len = null;
    this.jsonheader = null;
    this.response = null;
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
    }
  }

  _json_encode(obj: unknown, encoding: string) {
    return json_encode(obj, encoding);
  }

  _json_decode(json_bytes: Buffer, encoding: string) {
    return json_decode(json_bytes, encoding) as Map<string, unknown>;
  }

  _create_message({ content_bytes, content_type, content_encoding }: Content) {
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

  _process_response_json_content() {
    const result = (this.response as Map<string, unknown>).get("result") ?? null;
    print(`Got result: ${str(result)}`);
  }

  _process_response_binary_content() {
    print(`Got response: ${repr(this.response)}`);
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
      if (this.response === null) {
        this.process_response();
      }
    }
  }

  write() {
    if (!this._request_queued) {
      this.queue_request();
    }

    this._write();

    if (this._request_queued) {
      if (this._send_buffer.length === 0) {
        // Set selector to listen for read events, we're done writing.
        this._set_selector_events_mask("r");
      }
    }
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

  queue_request() {
    const content = this.request.content;
    const content_type = this.request.type;
    const content_encoding = this.request.encoding;
    let content_bytes;
    if (content_type === "text/json") {
      content_bytes = this._json_encode(content, content_encoding);
    } else {
      content_bytes = content as Buffer;
    }
    const message = this._create_message({
      content_bytes,
      content_type,
      content_encoding,
    });
    this._send_buffer = Buffer.concat([this._send_buffer, message]);
    this._request_queued = true;
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

  process_response() {
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
      this.response = this._json_decode(data, encoding);
      print(`Received response ${repr(this.response)} from ${str(this.addr)}`);
      this._process_response_json_content();
    } else {
      this.response = data;
      print(
        `Received ${str(this.jsonheader!.get("content-type"))} response from ${str(this.addr)}`,
      );
      this._process_response_binary_content();
    }
    // Close when the response has been processed.
    this.close();
  }
}
