/** Every operation by name, with its module inside. */
import { decode } from "./decode.js";
import { Caller } from "./caller.js";
import { BASE64 } from "./generated/loyalty_module.js";

/** Every operation by name; the same, text for text. */
export const { call, answer } = new Caller(() => decode(BASE64));
