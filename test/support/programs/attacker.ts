/** Attacks a server until it is killed: argv[2] says how, argv[3] on which port. Says when it has begun. */
import { attacks } from "../attacks.ts";

const step = attacks[process.argv[2]].begin(Number(process.argv[3]));
step();
console.log("attacking");
for (;;) step();
