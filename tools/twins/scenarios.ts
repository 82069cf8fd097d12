/**
 * The scenarios of the tutorial's programs: their arguments, and a peer that does the same for both
 * languages, step by step, so that the runs can be compared.
 */
import type { Child } from "../record/child.ts";
import { message } from "../record/message.ts";
import { is_listening } from "../record/processes.ts";
import { Peer } from "./peers.ts";
import type { PeerServer } from "./peers.ts";

export interface Scenario {
  /** The scenario in a sentence, for the output. */
  readonly sentence: string;
  /** The port that is fixed in the program; without one, the program takes a host and a port. */
  readonly port?: number;
  /** The arguments after host and port. */
  readonly args: readonly string[];
  /** Whether the program is a client, and needs a server. */
  readonly listens: boolean;
  play(program: Child, port: number, peer_server: PeerServer): Promise<void>;
}

const MESSAGES = ["Message 1 from client.", "Message 2 from client."];
const SEARCH = message("text/json", "utf-8", '{"action": "search", "value": "morpheus"}');
const BINARY = message("binary/custom-client-binary-type", "binary", "double hello");
const FOUND = message("text/json", "utf-8", '{"result": "Follow the white rabbit. 🐰"}');

/** The scenarios by the names of the programs. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  "echo-server": {
    sentence: 'a client sends "Hello, world", receives the echo, and leaves',
    port: 65432,
    args: [],
    listens: false,
    async play(server, port) {
      await server.until(() => is_listening(port));
      const peer = await Peer.to(port);
      peer.send("Hello, world");
      await peer.receive(12);
      await peer.end();
    },
  },
  "echo-client": {
    sentence: "a server echoes what it receives",
    port: 65432,
    args: [],
    listens: true,
    async play(_client, _port, peer_server) {
      const [peer] = await peer_server.peers(1);
      peer.send(await peer.receive(12));
      await peer.ended();
    },
  },
  "multiconn-server": {
    sentence: "a client sends two messages, waiting for each echo, and leaves; then Ctrl-C",
    args: [],
    listens: false,
    async play(server, port) {
      await server.until(() => is_listening(port));
      const peer = await Peer.to(port);
      for (const sent of MESSAGES) {
        peer.send(sent);
        await peer.receive(sent.length);
      }
      await peer.end();
      await server.interrupt_asleep();
    },
  },
  "multiconn-client": {
    sentence:
      "a server waits for all messages of three connections, then sends them back, one connection after the other",
    args: ["3"],
    listens: true,
    async play(_client, _port, peer_server) {
      const peers = await peer_server.peers(3);
      const received = await Promise.all(
        peers.map((peer) => peer.receive(MESSAGES.join("").length)),
      );
      for (const [index, peer] of peers.entries()) {
        peer.send(received[index]);
        await peer.ended();
      }
    },
  },
  "app-server": {
    sentence:
      "one client searches for morpheus, another sends a binary request, a third leaves in the middle of its request; then Ctrl-C",
    args: [],
    listens: false,
    async play(server, port) {
      await server.until(() => is_listening(port));
      for (const request of [SEARCH, BINARY]) {
        const peer = await Peer.to(port);
        peer.send(request);
        await peer.ended();
      }
      const peer = await Peer.to(port);
      peer.send(SEARCH.subarray(0, 20));
      await peer.end();
      await server.interrupt_asleep();
    },
  },
  "app-client": {
    sentence: "a server answers the search for morpheus",
    args: ["search", "morpheus"],
    listens: true,
    async play(_client, _port, peer_server) {
      const [peer] = await peer_server.peers(1);
      // The request arrives in one piece.
      await peer.receive(1);
      peer.send(FOUND);
      await peer.ended();
    },
  },
};
