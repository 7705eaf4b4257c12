/** Places in the memory that a call shares with the module: the same as in loyalty-wasm/src/exchange.rs. */
import { GIVEN, TOLD } from "./generated/fields.js";

// Indexes of the numbers, behind those of the award.
export const given = TOLD;
export const textLens = given + GIVEN;
export const after = textLens + 3;
export const dayAfter = after + GIVEN;
export const cappedBy = dayAfter + 1;
export const cell = dayAfter + 2;
export const cellAt = dayAfter + 3;
export const claim = dayAfter + 4;
export const claimDigit = dayAfter + 5;
export const claimDifferenceMs = dayAfter + 6;
export const row = dayAfter + 7;
export const numbers = dayAfter + 8;

/** Where the texts stand, in bytes, and how long each can be. */
export const TEXTS = 8 * (numbers + 64);
export const TEXT = 40;

/** The texts. */
export const AT = 0;
export const STARTED_AT = 1;
export const DAY = 2;

/** The bits of a decision beside its reason: whether a voucher is given, and whether its numbers are integers of 32 bits. */
export const IS_GIVEN = 0x100;
export const IS_SMALL = 0x200;

/** The columns that may stay empty, as a call is told which are used. */
export const WITH_PAID = 1;
export const WITH_PURCHASES = 2;

/** What both modules are asked for an award with: whether the exchange holds more of it, and the numbers of every receipt. */
export type Asked = [
  play: number,
  more: number,
  pick: number,
  total: number,
  paidByVoucher: number,
  priorPointsMilli: number,
  purchases: number,
];
