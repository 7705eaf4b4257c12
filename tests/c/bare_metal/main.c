/* A till without operating system and allocator, on a Cortex-M4: a compiled program in flash, an award, a refund. */
#include <loyalty.h>

extern unsigned char stack_top[];

/* What 6 % of Rp250,000 are; a test expects another number, and must fail. */
#ifndef VOUCHER_RUPIAH
#define VOUCHER_RUPIAH 15000
#endif

/* Written by `cargo xtask test bare_metal`: the compiled bytes of a stopwatch program, Plus below 15 %, quota 200,000. */
extern const unsigned char compiled_program[];
extern const unsigned compiled_program_len;

static uint64_t program_memory[1024];
volatile int64_t voucher_rupiah;
volatile int32_t failed_step;

static int32_t run(void) {
    const LoyaltyProgram *program = 0;
    LoyaltyReceipt receipt = {sizeof receipt, LOYALTY_PLAY_DIGIT};
    LoyaltyAward award = {sizeof award};
    LoyaltyReversal reversal = {sizeof reversal};
    LoyaltyKept kept = {sizeof kept};
    LoyaltyError error = {sizeof error};
    static const uint32_t shares[] = {5000, 4000, 1000};
    int64_t parts[3];
    if (loyalty_program_place(program_memory, sizeof program_memory, compiled_program, compiled_program_len, &program, &error) != LOYALTY_OK)
        return 1;
    receipt.total_rupiah = 250000;
    receipt.column = 5;
    if (loyalty_award_decide(program, &receipt, 0, 0, 0, &award, &error) != LOYALTY_OK || award.value_rupiah != VOUCHER_RUPIAH)
        return 2;
    voucher_rupiah = award.value_rupiah;
    reversal.rate_bp = award.rate_bp;
    reversal.base_rupiah = reversal.total_rupiah = 250000;
    reversal.issued_rupiah = award.value_rupiah;
    reversal.refund_rupiah = 100000;
    if (loyalty_award_reverse(&reversal, &kept, &error) != LOYALTY_OK || kept.kept_rupiah != 9000)
        return 3;
    if (loyalty_split_shares(1001, shares, 3, parts, &error) != LOYALTY_OK || parts[0] != 501 || parts[1] != 400 || parts[2] != 100)
        return 4;
    receipt.total_rupiah = -1;
    if (loyalty_award_decide(program, &receipt, 0, 0, 0, &award, &error) != LOYALTY_OUT_OF_RANGE || error.path[0] != 'r')
        return 5;
    return 0;
}

/* Semihosting: ends the emulator with a status. */
static void leave(int32_t status) {
    static uint32_t arguments[2];
    register uint32_t operation __asm__("r0") = 0x20;
    register uint32_t *block __asm__("r1") = arguments;
    arguments[0] = 0x20026;
    arguments[1] = (uint32_t)status;
    __asm__ volatile("bkpt 0xab" : : "r"(operation), "r"(block) : "memory");
}

void reset(void) {
    failed_step = run();
    leave(failed_step);
    for (;;) {
    }
}

__attribute__((section(".vectors"), used)) static const void *const vectors[] = {stack_top, (const void *)reset};
