/** Places in the memory that a call shares with the module: the same as in loyalty-wasm/src/exchange.rs. */

/** Indexes of the numbers. */
export const N = {
  fundBalance: 0,
  outstanding: 1,
  awardsInSlot: 2,
  releasedToday: 3,
  releasedInSlot: 4,
  slot: 5,
  countdownS: 6,
  textLens: 7,
  rateBp: 10,
  base: 11,
  value: 12,
  pointsMilli: 13,
  cappedBy: 14,
  cell: 15,
  cellAt: 16,
  claim: 17,
  claimDigit: 18,
  claimDifferenceMs: 19,
  awardsInSlotAfter: 20,
  releasedTodayAfter: 21,
  releasedInSlotAfter: 22,
  slotAfter: 23,
  dayAfter: 24,
  priorPointsMilliAfter: 25,
  purchasesAfter: 26,
  row: 27,
  numbers: 28,
} as const;

/** Where the texts stand, in bytes, and how long each can be. */
export const TEXTS = 736;
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
export const WITH_PAID = 64;
export const WITH_PURCHASES = 128;
