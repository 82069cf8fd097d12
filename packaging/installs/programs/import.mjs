// Every module of the package by import(), and the echo through the first of them.
import { strict as assert } from "node:assert";

import { socket } from "iomux";

const names = process.argv.slice(2);
for (const name of names) assert.ok(Object.keys(await import(name)).length > 0, name);
const [ours, theirs] = socket.socketpair();
ours.sendall(Buffer.from("hello"));
theirs.sendall(theirs.recv(1024));
assert.equal(ours.recv(1024).toString(), "hello");
console.log("echoed");
