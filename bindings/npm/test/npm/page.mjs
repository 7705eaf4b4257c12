import * as loyalty from "loyalty-rules";
import { rate } from "./rate.mjs";

globalThis.answer = rate(loyalty);
