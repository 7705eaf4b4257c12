export type { Award, Cell, CountersAfter, Decided, Details, Given, JudgedClaim, Stopped } from "./award.js";
export type { ColumnArrays, ColumnAwards, Columns } from "./columns.js";
export { LoyaltyError, type Message } from "./error.js";
export { CAPS, type Cap, type Code, type GivenReason, REASONS, type Reason, type StoppedReason } from "./generated/names.js";
export type { Before, Claim, Counters, Merchant, Play, Receipt } from "./receipt.js";
