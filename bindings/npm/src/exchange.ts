/** Places in the memory that a call shares with the module: the same as in loyalty-wasm/src/exchange.rs. */

/** Indexes of the numbers. */
export const N = {
  fundBalance: 0,
  outstanding: 1,
  releasedToday: 2,
  countdownS: 3,
  textLens: 4,
  awardsBySlot: 7,
  releasedBySlot: 17,
  rateBp: 27,
  base: 28,
  value: 29,
  pointsMilli: 30,
  cappedBy: 31,
  cell: 32,
  cellAt: 33,
  claim: 34,
  claimDigit: 35,
  claimDifferenceMs: 36,
  releasedTodayAfter: 37,
  dayAfter: 38,
  priorPointsMilliAfter: 39,
  purchasesAfter: 40,
  row: 41,
  awardsBySlotAfter: 42,
  releasedBySlotAfter: 52,
  numbers: 62,
} as const;

/** Where the texts stand, in bytes, and how long each can be. */
export const TEXTS = 1008;
export const TEXT = 40;

/** The texts. */
export const AT = 0;
export const STARTED_AT = 1;
export const DAY = 2;

/** How a play reaches a call. */
export const PENDING = -1;
export const SLOT = 16;
export const PLAY_AT = 32;
export const PLAY_CLAIM = 33;

/** What a call is told beside its numbers. */
export const LATE = 1;
export const SUSPENDED = 2;
export const REGISTERED = 4;
export const WITH_MERCHANT = 8;
export const WITH_COUNTERS = 16;
export const WITH_AWARDS_BY_SLOT = 32;
export const WITH_RELEASED_BY_SLOT = 256;
export const WITH_PAID = 64;
export const WITH_PURCHASES = 128;
