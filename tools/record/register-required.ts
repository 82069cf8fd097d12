/** Loaded into a program before its own code by `node --require`, for what cannot be imported. */
import { begin, required, take_options } from "./begin.ts";

const options = take_options();
if (options !== null) begin(options, required(options));
