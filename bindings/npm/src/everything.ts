/** Every operation by name, with its module inside. */
import { decode } from "./decode.js";
import { Face } from "./face.js";
import { BASE64 } from "./generated/loyalty_module.js";

/** Every operation by name; the same, text for text. */
export const { call, answer } = new Face(() => decode(BASE64));
