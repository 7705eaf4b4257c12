/*
 * loyalty.h: voucher points for small shops, the same rupiah on every machine.
 *
 * Generated from the sources of the library; `cargo xtask header` writes it.
 *
 *   hot calls          plain structs in, plain structs out, no allocation: no JSON on the way
 *   loyalty_call       every operation of docs/operations.md by its name, JSON in, JSON out
 *
 *     LoyaltyProgram *program = NULL;
 *     LoyaltyError error = { sizeof error };
 *     if (loyalty_program_from_json(json, strlen(json), &program, &error) != LOYALTY_OK)
 *         fprintf(stderr, "%s: %s\n", error.path, error.message_en);
 *
 *     LoyaltyReceipt receipt = { sizeof receipt, LOYALTY_PLAY_DIGIT };
 *     receipt.total_rupiah = 250000;
 *     receipt.column = 5;
 *     LoyaltyAward award = { sizeof award };
 *     if (loyalty_award_decide(program, &receipt, NULL, NULL, NULL, &award, &error) == LOYALTY_OK)
 *         printf("Rp%lld\n", (long long)award.value_rupiah);
 *     loyalty_program_free(program);
 *
 * Order of arguments   inputs (const), then outputs, then the error. Returned is a status: LOYALTY_OK or why not.
 * Writing              Outputs are written only if the status is LOYALTY_OK, the error only if it is not. loyalty_call and
 *                      loyalty_call_into write their answer in both cases, the error object being an answer.
 * NULL                 refused (LOYALTY_NULL_POINTER) where not said otherwise. `error` may always be NULL. A list of no
 *                      elements may be NULL.
 * Structs              begin with struct_size, which you set to sizeof. Clear a struct before you fill it: what is reserved
 *                      must be zero. Structs grow at their end only: an older program works with a newer library, and a
 *                      newer program with an older library as long as what it adds is zero.
 * Ownership            What a call hands out you free with the call it names, once; NULL may be freed. The library keeps no
 *                      pointer of yours after a call. Freed handles, foreign pointers and wrong lengths cannot be detected.
 * Overlap              A struct may be input and output of one call. Lists must not overlap.
 * Threads              No global state, no lock, no thread-local value: any call from any thread at any time, one program
 *                      on all of them. Do not free what another thread uses.
 * Memory               Hot calls allocate nothing. The others end the process when memory runs out, as Rust does.
 * Signals, longjmp     No call takes a callback. Hot calls may be made in a signal handler.
 * Panics               A bug is stopped at the boundary and told as LOYALTY_INTERNAL; nothing is written, the library stays
 *                      usable. Please report it.
 * Units                stand at the end of names: _rupiah (whole rupiah), _bp (1/100 percent), _milli (1/1000 point), _ms, _s.
 *                      Rupiah and thousandths of points lie within +-9,007,199,254,740,991; anything outside is refused.
 * Rules                SW-2, AW-1 and so on are explained in docs/rules.md.
 * Versions             loyalty_abi_version() tells the ABI of the library, LOYALTY_ABI_VERSION that of this header. Numbers
 *                      of statuses and choices never change their meaning.
 * Freestanding         Without an operating system the library has the hot calls and loyalty_program_place; not
 *                      loyalty_program_from_..., loyalty_program_free, loyalty_call..., loyalty_free.
 */


#ifndef LOYALTY_H
#define LOYALTY_H

#include <stddef.h>
#include <stdint.h>

// The ABI that this header describes.
#define LOYALTY_ABI_VERSION 1


// The call did what it says.
#define LOYALTY_OK 0
// A bug in the library; nothing was written. Report it with what you passed.
#define LOYALTY_INTERNAL 1
// Not one JSON object, a key twice, nesting above 32.
#define LOYALTY_BAD_JSON 2
// A request above its limit.
#define LOYALTY_TOO_LARGE 3
// No operation of that name.
#define LOYALTY_UNKNOWN_OP 4
// A required field is absent.
#define LOYALTY_MISSING_FIELD 5
// A field that nobody reads.
#define LOYALTY_UNKNOWN_FIELD 6
// The wrong JSON type, a fraction or an exponent.
#define LOYALTY_BAD_TYPE 7
// A number outside its domain, or a result that leaves it (CV-1, CV-2).
#define LOYALTY_OUT_OF_RANGE 8
// A time, date, time of day or offset that does not exist.
#define LOYALTY_BAD_TIME 9
// Text that is no rate.
#define LOYALTY_BAD_RATE 10
// Not ten rates, or falling ones (TB-2, TB-3).
#define LOYALTY_BAD_TABLE 11
// No table of that name (TB-1).
#define LOYALTY_UNKNOWN_TABLE 12
// A standby schedule that does not rise (SB-3).
#define LOYALTY_BAD_SCHEDULE 13
// A sale window that makes no ten slots (TA-2).
#define LOYALTY_BAD_WINDOW 14
// Shares or weights that split nothing (SP-1).
#define LOYALTY_BAD_SHARES 15
// Any other setting, alone or beside another.
#define LOYALTY_BAD_CONFIG 16
// A rate outside its bonus's band or above the ceiling (BN).
#define LOYALTY_OUTSIDE_BAND 17
// A refund above what is left (AW-8, SP-6).
#define LOYALTY_OVER_REFUND 18
// Caps that leave a rest nobody may take (SP-7).
#define LOYALTY_CAPS_TOO_SMALL 19
// A formula without an answer for these inputs.
#define LOYALTY_NOT_DEFINED 20
// Compiled bytes that are damaged or of another version.
#define LOYALTY_BAD_COMPILED 21
// Text that is no rupiah, points or rate as people write them.
#define LOYALTY_BAD_TEXT 22
// State of another day, month or time than the request's.
#define LOYALTY_OUT_OF_ORDER 23
// A pointer is NULL that must not be.
#define LOYALTY_NULL_POINTER 100
// A pointer is not aligned for its type.
#define LOYALTY_MISALIGNED 101
// `struct_size` is smaller than the struct of this ABI, or above 65,536. If the call left `error` as it was, set
// `struct_size` of `error` itself.
#define LOYALTY_BAD_STRUCT_SIZE 102
// A reserved field, or what follows the known part of a longer struct, is not zero.
#define LOYALTY_RESERVED_NOT_ZERO 103
// A length that no memory can have.
#define LOYALTY_BAD_LENGTH 104
// The buffer is too small; the size that is needed was told and nothing else written.
#define LOYALTY_BUFFER_TOO_SMALL 105
// An integer that stands for a choice has no such choice, or a truth is neither 0 nor 1.
#define LOYALTY_BAD_CHOICE 106
// Text that is not UTF-8.
#define LOYALTY_NOT_UTF8 107
// The most parties that fund a program or take part in a split.
#define LOYALTY_MAX_PARTIES 64
// A stopwatch receipt that is not played yet.
#define LOYALTY_PLAY_PENDING 0
// A lucky digit that the host vouches for, in `column`.
#define LOYALTY_PLAY_DIGIT 1
// A played countdown, judged by the library: `started_at`, `countdown_s`, `stopped_at` (SW-4).
#define LOYALTY_PLAY_CLAIM 2
// A slot 1 ... 10 that the host vouches for, in `column`.
#define LOYALTY_PLAY_SLOT 3
// The time of purchase in `at`, cut to its slot by the program's window (TA-2).
#define LOYALTY_PLAY_AT 4
// The merchant is suspended (GF-4).
#define LOYALTY_REASON_SUSPENDED 1
// The merchant's deposit has not reached its requirement (GF-9).
#define LOYALTY_REASON_NOT_ACTIVE 2
// The program is paused.
#define LOYALTY_REASON_PAUSED 3
// Nothing of the receipt can earn (AW-2).
#define LOYALTY_REASON_ZERO_AMOUNT 4
// Too few earlier purchases (AW-3).
#define LOYALTY_REASON_NOT_ELIGIBLE 5
// Before opening or after closing (TA-2).
#define LOYALTY_REASON_OUTSIDE_WINDOW 6
// The slot is held back (AW-4).
#define LOYALTY_REASON_SLOT_HELD 7
// The quota is missed and the points held reach no standby rate (QT-2, SB-1).
#define LOYALTY_REASON_NO_STANDBY 8
// The quota is met and the stopwatch is not played yet.
#define LOYALTY_REASON_PLAY_PENDING 9
// A digit noted on paper, and the program does not accept it.
#define LOYALTY_REASON_NOTED_DIGIT 10
// The stopwatch claim does not hold (SW-4).
#define LOYALTY_REASON_CLAIM_REFUSED 11
// The first N of the slot are through and nothing else is given (AW-5).
#define LOYALTY_REASON_FIRST_N 12
// A release budget is spent (AW-6).
#define LOYALTY_REASON_BUDGET_SPENT 13
// The guarantee fund would cover too little (GF-7).
#define LOYALTY_REASON_COVER_SHORT 14
// The receipt lies before the program's start or after its end (AW-11).
#define LOYALTY_REASON_NOT_IN_FORCE 15
// The table, or what stands in for it, gives 0 % (AW-1).
#define LOYALTY_REASON_NO_RATE 16
// The table's rate (QT-1). This and the reasons after it award.
#define LOYALTY_REASON_FULL 32
// The quota is missed; the rate is by the points held (QT-2).
#define LOYALTY_REASON_STANDBY 33
// A new shopper's introductory rate (AW-3).
#define LOYALTY_REASON_INTRO 34
// After the first N: the standby rate (AW-5).
#define LOYALTY_REASON_FIRST_N_STANDBY 35
// After the first N: the rate of the first column (AW-5).
#define LOYALTY_REASON_FIRST_N_FIRST_COLUMN 36
// The most one receipt is given (AW-13).
#define LOYALTY_CAP_RECEIPT 1
// The release budget of the day (AW-6).
#define LOYALTY_CAP_DAY_BUDGET 2
// The release budget of the slot (AW-6).
#define LOYALTY_CAP_SLOT_BUDGET 4
// Stopped before a rate.
#define LOYALTY_CELL_NONE 0
// The rate is a column of the table.
#define LOYALTY_CELL_TABLE 1
// The rate is a step of the standby schedule.
#define LOYALTY_CELL_STANDBY 2
// The receipt carries no claim.
#define LOYALTY_CLAIM_NONE 0
// The claim holds.
#define LOYALTY_CLAIM_ACCEPTED 1
// The countdown is not 15 ... 25 seconds.
#define LOYALTY_CLAIM_COUNTDOWN_OUT_OF_RANGE 2
// The times differ by more than the program's tolerance.
#define LOYALTY_CLAIM_MISMATCH 3
// The rest earns at the rate of the award (AW-8).
#define LOYALTY_KEPT 1
// Nothing of the purchase is left.
#define LOYALTY_KEPT_FULLY_REFUNDED 2
// The quota is undone; the program keeps the rate.
#define LOYALTY_KEPT_BELOW_QUOTA_KEPT_RATE 3
// The quota is undone; the program drops to standby.
#define LOYALTY_KEPT_BELOW_QUOTA_STANDBY 4
// Refunds below the quota keep the rate.
#define LOYALTY_BELOW_QUOTA_KEEP 0
// Refunds below the quota drop to the standby rate.
#define LOYALTY_BELOW_QUOTA_STANDBY 1
// Rounding toward zero.
#define LOYALTY_ROUND_DOWN 0
// Rounding away from zero.
#define LOYALTY_ROUND_UP 1
// To the nearest, a half away from zero.
#define LOYALTY_ROUND_HALF_UP 2
// To the nearest, a half to the even multiple.
#define LOYALTY_ROUND_HALF_EVEN 3
// A proved program: immutable, and read from any number of threads at once.
typedef struct LoyaltyProgram LoyaltyProgram;

// What is wrong with a refused call, written only when a call refuses.
//
// `path` begins with the argument. A field that the rules know has the path of operations.md on every surface,
// without the unit that ends its name here: `receipt.total` is `total_rupiah`, `receipt.digit` and `receipt.slot` are
// `column`, `receipt.claim.stopped_at` is `stopped_at`. What C alone has goes by its name: `receipt.play`.
//
// Texts end in a NUL; one that is too long is cut between characters and ends in `...`.
typedef struct LoyaltyError {
    // Set to `sizeof(LoyaltyError)` before the call.
    uint32_t struct_size;
    // The status that the call returned.
    int32_t status;
    // Its name, such as `out_of_range`.
    char kind[32];
    // The field, such as `receipt.total` or `shares_bp[1]`; empty for the whole.
    char path[192];
    // What is wrong and what would do, in English.
    char message_en[256];
    // The same in Bahasa Indonesia.
    char message_id[256];
    // Zero.
    uint64_t reserved[4];
} LoyaltyError;

// A civil time with its offset, as the shop's wall clock shows it (CV-5).
typedef struct LoyaltyTime {
    // 0 ... 9999.
    uint16_t year;
    // 1 ... 12.
    uint8_t month;
    // 1 ... 31.
    uint8_t day;
    // 0 ... 23.
    uint8_t hour;
    // 0 ... 59.
    uint8_t minute;
    // 0 ... 60; 60 is a leap second.
    uint8_t second;
    // Zero.
    uint8_t reserved;
    // 0 ... 999,999,999.
    uint32_t nanosecond;
    // Minutes east of UTC, up to +-1,439; WIB is 420, WITA 480, WIT 540.
    int16_t offset_minutes;
    // Zero.
    uint16_t reserved2;
} LoyaltyTime;

// A receipt as the till knows it.
typedef struct LoyaltyReceipt {
    // `sizeof(LoyaltyReceipt)`.
    uint32_t struct_size;
    // What picks the column: `LOYALTY_PLAY_...`. Fields of another play must be zero.
    int32_t play;
    // What was bought, in rupiah, zero or more; the quota looks at it.
    int64_t total_rupiah;
    // What of it was paid with vouchers, in rupiah (AW-2).
    int64_t paid_by_voucher_rupiah;
    // The lucky digit 0 ... 9 or the slot 1 ... 10.
    int32_t column;
    // 1 if it was entered later than it happened, from a notebook; otherwise 0.
    int32_t late;
    // The countdown of a claim, in seconds.
    int64_t countdown_s;
    // The time of purchase.
    struct LoyaltyTime at;
    // When the countdown of a claim was started.
    struct LoyaltyTime started_at;
    // When it was stopped.
    struct LoyaltyTime stopped_at;
    // Zero.
    uint64_t reserved[4];
} LoyaltyReceipt;

// A shopper before or after a receipt (AW-7).
typedef struct LoyaltyShopper {
    // `sizeof(LoyaltyShopper)`.
    uint32_t struct_size;
    // Zero.
    uint32_t reserved0;
    // Points held, in thousandths, zero or more.
    int64_t prior_points_milli;
    // Purchases made.
    int64_t purchases;
    // Rupiah of earlier purchases that are short of a step of the basic points program (PT-1), zero or more.
    int64_t carried_rupiah;
    // Zero.
    uint64_t reserved[1];
} LoyaltyShopper;

// The merchant's standing (GF-4, GF-7, GF-9).
typedef struct LoyaltyMerchant {
    // `sizeof(LoyaltyMerchant)`.
    uint32_t struct_size;
    // 1 if suspended, otherwise 0.
    int32_t suspended;
    // 1 if the deposit has not reached its requirement yet, otherwise 0.
    int32_t registered;
    // Zero.
    uint32_t reserved0;
    // The balance of the guarantee fund in rupiah, zero or more.
    int64_t fund_balance_rupiah;
    // Vouchers issued and not yet redeemed, in rupiah, zero or more.
    int64_t outstanding_rupiah;
    // Zero.
    uint64_t reserved[2];
} LoyaltyMerchant;

// What one selling day was given so far (AW-6, AW-7). A receipt of a later day starts from zero, one of an earlier day is
// `OUT_OF_ORDER`.
typedef struct LoyaltyCounters {
    // `sizeof(LoyaltyCounters)`.
    uint32_t struct_size;
    // Zero.
    uint32_t reserved1;
    // Rupiah released in the day.
    int64_t released_today_rupiah;
    // Table-rate awards above Rp0 by slot I ... X (AW-5); zeros with the stopwatch.
    int64_t awards_by_slot[10];
    // Rupiah released by slot I ... X; zeros with the stopwatch.
    int64_t released_by_slot_rupiah[10];
    // The year of the selling day's date of opening.
    uint16_t day_year;
    // Its month 1 ... 12, or 0 if the counters carry no day.
    uint8_t day_month;
    // Its day 1 ... 31, or 0.
    uint8_t day_day;
    // Zero.
    uint32_t reserved0;
    // Zero.
    uint64_t reserved[2];
} LoyaltyCounters;

// A decision: what is given, why, and the state after it.
typedef struct LoyaltyAward {
    // Set to `sizeof(LoyaltyAward)` before the call.
    uint32_t struct_size;
    // `LOYALTY_REASON_...`.
    int32_t reason;
    // The rate in basis points; 0 for every stop but `BUDGET_SPENT` and `COVER_SHORT`.
    int32_t rate_bp;
    // The limits that lowered the value: a sum of `LOYALTY_CAP_...`.
    uint32_t capped_by;
    // What earns: the total less what was paid by voucher (AW-2), in rupiah.
    int64_t base_rupiah;
    // The voucher's value in rupiah.
    int64_t value_rupiah;
    // The same in thousandths of a point (VC-1).
    int64_t points_milli;
    // Where the rate stands: `LOYALTY_CELL_...`.
    int32_t cell;
    // The digit or slot of a table's cell; otherwise -1.
    int32_t column;
    // The threshold of a standby step in thousandths of a point; otherwise 0.
    int64_t standby_from_milli;
    // How a claim was judged: `LOYALTY_CLAIM_...`.
    int32_t claim;
    // The digit of an accepted claim; otherwise -1.
    int32_t claim_digit;
    // Stopped - started - countdown of a claim, in milliseconds; otherwise 0, and so for a countdown that leaves the domain.
    int64_t claim_difference_ms;
    // 1 if the receipt was entered late.
    int32_t late;
    // How many of `parts_rupiah` are filled; 0 without funding.
    uint32_t parts_count;
    // The counters after this receipt.
    struct LoyaltyCounters counters;
    // The shopper after this receipt.
    struct LoyaltyShopper shopper;
    // Zero.
    uint64_t reserved[4];
    // What each funding party bears, in rupiah, in the order of the program; they sum to the value.
    int64_t parts_rupiah[64];
} LoyaltyAward;

// An award in short, as a quote tells it.
typedef struct LoyaltyGlance {
    // `LOYALTY_REASON_...`, or 0 if this glance does not apply.
    int32_t reason;
    // The rate in basis points.
    int32_t rate_bp;
    // The voucher's value in rupiah.
    int64_t value_rupiah;
    // A sum of `LOYALTY_CAP_...`.
    uint32_t capped_by;
    // Zero.
    uint32_t reserved;
} LoyaltyGlance;

// What a column would bring.
typedef struct LoyaltyOutlook {
    // The digit or slot, or -1 if this outlook does not apply.
    int32_t column;
    // Its rate in basis points.
    int32_t rate_bp;
    // A digit's value with the total raised to the quota if it is missed, in rupiah; 0 for a slot.
    int64_t value_rupiah;
    // When a slot starts, in tenths of a second after midnight; -1 for a digit or without a window.
    int64_t starts_at_tenths;
} LoyaltyOutlook;

// The award run ahead (AW-9). Nothing is issued and no counter changes.
typedef struct LoyaltyQuote {
    // Set to `sizeof(LoyaltyQuote)` before the call.
    uint32_t struct_size;
    // Zero.
    uint32_t reserved0;
    // Rupiah from the total to the quota; 0 when it is met.
    int64_t missing_rupiah;
    // The award as it stands.
    struct LoyaltyGlance now;
    // The award with the missing amount added to the total; its reason is 0 when nothing is missing.
    struct LoyaltyGlance at_quota;
    // The next slot of the same selling day with a strictly higher rate.
    struct LoyaltyOutlook next;
    // The highest column of a stopwatch.
    struct LoyaltyOutlook best;
    // The lowest.
    struct LoyaltyOutlook worst;
    // Zero.
    uint64_t reserved[4];
} LoyaltyQuote;

// A voucher as it was issued, and the refunds of its purchase (AW-8).
typedef struct LoyaltyReversal {
    // `sizeof(LoyaltyReversal)`.
    uint32_t struct_size;
    // The rate of the award in basis points.
    int32_t rate_bp;
    // The amount the award was made on, in rupiah.
    int64_t base_rupiah;
    // What the quota looked at, in rupiah; the base or more.
    int64_t total_rupiah;
    // What was issued, in rupiah: less than the value if it was capped; -1 for the whole value.
    int64_t issued_rupiah;
    // The quota in rupiah; 0 for none.
    int64_t quota_rupiah;
    // What was refunded before, in rupiah.
    int64_t refunded_before_rupiah;
    // The refund, in rupiah.
    int64_t refund_rupiah;
    // `LOYALTY_BELOW_QUOTA_...`.
    int32_t below_quota;
    // The standby rate of the points held before the purchase, in basis points.
    int32_t standby_bp;
    // Rupiah to which values are rounded: 1, 10, 50, 100, 500 or 1,000; 0 is 1.
    int32_t rounding_unit;
    // `LOYALTY_ROUND_...`.
    int32_t rounding_mode;
    // Zero.
    uint64_t reserved[4];
} LoyaltyReversal;

// What is left of a voucher after a refund.
typedef struct LoyaltyKept {
    // Set to `sizeof(LoyaltyKept)` before the call.
    uint32_t struct_size;
    // `LOYALTY_KEPT...`.
    int32_t reason;
    // The value kept, in rupiah.
    int64_t kept_rupiah;
    // What this refund takes back, in rupiah.
    int64_t taken_back_rupiah;
    // Zero.
    uint64_t reserved[2];
} LoyaltyKept;

// Receipts as columns. Arrays of `rows` elements each; those marked so may be NULL.
typedef struct LoyaltyColumns {
    // `sizeof(LoyaltyColumns)`.
    uint32_t struct_size;
    // Zero.
    uint32_t reserved0;
    // How many receipts.
    uint64_t rows;
    // In: totals in rupiah.
    const int64_t *total_rupiah;
    // In, or NULL for none: what was paid by voucher, in rupiah.
    const int64_t *paid_by_voucher_rupiah;
    // In: digits 0 ... 9 or slots 1 ... 10, by the program's mechanism; -1 for a stopwatch not played yet, and where nothing is picked.
    const int8_t *column;
    // In, or NULL for none: points held before, in thousandths.
    const int64_t *prior_points_milli;
    // In, or NULL for none: purchases made before.
    const int64_t *purchases;
    // Out: values in rupiah.
    int64_t *value_rupiah;
    // Out, or NULL: rates in basis points.
    uint16_t *rate_bp;
    // Out, or NULL: `LOYALTY_REASON_...`.
    uint8_t *reason;
    // Zero.
    uint64_t reserved[2];
} LoyaltyColumns;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// The ABI of this library. It rises when something is added; what stands keeps its layout, signature and numbers, so
// that a program works with every library whose number is at least its own `LOYALTY_ABI_VERSION`.
uint32_t loyalty_abi_version(void);

// The bytes that `loyalty_program_place` needs.
size_t loyalty_program_size(void);

// The alignment that `loyalty_program_place` needs, in bytes.
size_t loyalty_program_alignment(void);

// Loads a program from compiled bytes into memory of the caller; no allocator is used. The bytes are proved again
// and may be freed afterwards. The handle is valid as long as the memory is; it is not freed.
//
// `BAD_LENGTH` if `memory` has fewer than `loyalty_program_size()` bytes, `MISALIGNED` if it is not aligned to
// `loyalty_program_alignment()`; `BAD_COMPILED`, or whatever the proof refuses.
int32_t loyalty_program_place(void *memory,
                              size_t memory_len,
                              const uint8_t *compiled,
                              size_t compiled_len,
                              const struct LoyaltyProgram **program,
                              struct LoyaltyError *error);

// Decides the award of one receipt (`award.decide`, AW-1 ... AW-7, AW-13).
//
// `shopper`, `merchant` and `counters` may be NULL for a shopper without points, an active merchant and counters at
// zero.
int32_t loyalty_award_decide(const struct LoyaltyProgram *program,
                             const struct LoyaltyReceipt *receipt,
                             const struct LoyaltyShopper *shopper,
                             const struct LoyaltyMerchant *merchant,
                             const struct LoyaltyCounters *counters,
                             struct LoyaltyAward *award,
                             struct LoyaltyError *error);

// Runs the award ahead (`award.quote`, AW-9): what more spending, waiting or luck would bring. Arguments as in
// `loyalty_award_decide`.
int32_t loyalty_award_quote(const struct LoyaltyProgram *program,
                            const struct LoyaltyReceipt *receipt,
                            const struct LoyaltyShopper *shopper,
                            const struct LoyaltyMerchant *merchant,
                            const struct LoyaltyCounters *counters,
                            struct LoyaltyQuote *quote,
                            struct LoyaltyError *error);

// What a voucher keeps after a refund of its purchase (`award.reverse`, AW-8). Call it once for each refund, with
// what was refunded before.
int32_t loyalty_award_reverse(const struct LoyaltyReversal *reversal,
                              struct LoyaltyKept *kept,
                              struct LoyaltyError *error);

// Splits an amount by shares in basis points that sum to 10,000 (`split.allocate`, SP-1): `parts_rupiah` gets as many
// parts as there are shares, at most `LOYALTY_MAX_PARTIES`. The amount may be negative. The two lists must not overlap.
int32_t loyalty_split_shares(int64_t amount_rupiah,
                             const uint32_t *shares_bp,
                             size_t parties,
                             int64_t *parts_rupiah,
                             struct LoyaltyError *error);

// Splits an amount by weights, not all zero (`split.allocate`, SP-1); otherwise as `loyalty_split_shares`.
int32_t loyalty_split_weights(int64_t amount_rupiah,
                              const uint32_t *weights,
                              size_t parties,
                              int64_t *parts_rupiah,
                              struct LoyaltyError *error);

// The lucky digit of a stopped time (`stopwatch.lucky_digit`, SW-2).
int32_t loyalty_lucky_digit(const struct LoyaltyTime *stopped_at, int32_t *digit, struct LoyaltyError *error);

// The slot 1 ... 10 of an instant in a program's window, or 0 outside it (`auction.slot`, TA-1, TA-2). A program without
// a window is `MISSING_FIELD`.
int32_t loyalty_slot(const struct LoyaltyProgram *program,
                     const struct LoyaltyTime *at,
                     int32_t *slot,
                     struct LoyaltyError *error);

// Decides receipts in order (`award.batch`): each row with the counters that the one before left, the shopper its
// own. `counters` goes in as the counters before the first row and comes out as those after the last; NULL for zero.
//
// If a row is refused, nothing is written; the path names it: `rows[17].receipt.total`. The arrays must not overlap.
int32_t loyalty_award_columns(const struct LoyaltyProgram *program,
                              const struct LoyaltyColumns *columns,
                              const struct LoyaltyMerchant *merchant,
                              struct LoyaltyCounters *counters,
                              struct LoyaltyError *error);

// Proves a program document in JSON (docs/program.md) and hands out its handle, to be freed with
// `loyalty_program_free`. Refusals name the field of the document.
int32_t loyalty_program_from_json(const char *document,
                                  size_t document_len,
                                  struct LoyaltyProgram **program,
                                  struct LoyaltyError *error);

// Loads a program from compiled bytes (`program.compile`), proves it again and hands out its handle, to be freed with
// `loyalty_program_free`.
int32_t loyalty_program_from_compiled(const uint8_t *compiled,
                                      size_t compiled_len,
                                      struct LoyaltyProgram **program,
                                      struct LoyaltyError *error);

// Frees a handle of `loyalty_program_from_json` or `loyalty_program_from_compiled`, once, when no thread uses it any
// more. NULL is allowed.
void loyalty_program_free(struct LoyaltyProgram *program);

// Answers an operation by its name (docs/operations.md): one JSON object in, one out.
//
// `name` ends in a NUL; `request` has `request_len` bytes of UTF-8 and needs no NUL. The answer is always written, the
// error object of a refused request too, and ends in a NUL that `answer_len` does not count; free it with
// `loyalty_free`. Returns 0, or the number of the error's kind. Only for a status of 100 or more, which blames the
// call itself, nothing is written.
int32_t loyalty_call(const char *name,
                     const char *request,
                     size_t request_len,
                     char **answer,
                     size_t *answer_len);

// Frees an answer of `loyalty_call`, once. NULL is allowed.
void loyalty_free(char *answer);

// As `loyalty_call`, into a buffer of the caller. `needed` gets the length of the answer. If `capacity` is smaller,
// the status is `BUFFER_TOO_SMALL` and nothing else is written. No NUL is added. `buffer` may be NULL if `capacity`
// is 0.
int32_t loyalty_call_into(const char *name,
                          const char *request,
                          size_t request_len,
                          char *buffer,
                          size_t capacity,
                          size_t *needed);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* LOYALTY_H */
