// Every module of the package by require(), and the echo through the first of them.
const { strict: assert } = require("node:assert");

const names = process.argv.slice(2);
for (const name of names) assert.ok(Object.keys(require(name)).length > 0, name);
const { socket } = require("iomux");
const [ours, theirs] = socket.socketpair();
ours.sendall(Buffer.from("hello"));
theirs.sendall(theirs.recv(1024));
assert.equal(ours.recv(1024).toString(), "hello");
console.log("echoed");
