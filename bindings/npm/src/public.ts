export type { Award, Cell, CountersAfter, Decided, Details, Given, JudgedClaim, Language, Stopped } from "./award.js";
export type { ColumnArrays, ColumnAwards, Columns } from "./columns.js";
export type { Exchange } from "./program.js";
export { LoyaltyError, type Message } from "./error.js";
export { CAPS, type Cap, type Code, type GivenReason, REASONS, type Reason, type StoppedReason } from "./generated/names.js";
export type { Before, Claim, Counters, Merchant, Play, Receipt } from "./receipt.js";
export type { Operation } from "./caller.js";
export type { Operations, ProgramDocument } from "./generated/operations.js";
/** The request and answer types of the operations, and what they are made of. */
export type * as Ops from "./generated/operations.js";
