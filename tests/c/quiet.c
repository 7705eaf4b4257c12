/*
 * The hot calls are quiet: they allocate nothing, so that no failing malloc can reach them, and they may be made in a
 * signal handler that interrupts the same call. Linked with the static library and --wrap for each allocating function.
 */
#define _GNU_SOURCE
#include <loyalty.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

static volatile long allocations;
static LoyaltyProgram *program;
static volatile sig_atomic_t handled, wrong_in_handler;

#define WRAP(type, name, parameters, arguments)                                                                        \
    type __real_##name parameters;                                                                                     \
    type __wrap_##name parameters;                                                                                     \
    type __wrap_##name parameters {                                                                                    \
        allocations++;                                                                                                 \
        return __real_##name arguments;                                                                                \
    }

WRAP(void *, malloc, (size_t size), (size))
WRAP(void *, calloc, (size_t count, size_t size), (count, size))
WRAP(void *, realloc, (void *memory, size_t size), (memory, size))
WRAP(int, posix_memalign, (void **memory, size_t alignment, size_t size), (memory, alignment, size))
WRAP(void *, aligned_alloc, (size_t alignment, size_t size), (alignment, size))

/* Each hot call once, and one that refuses; what they answer, summed. */
static int64_t hot(void) {
    static const uint32_t shares[] = {5000, 4000, 1000};
    static const LoyaltyTime at = {2025, 3, 1, 14, 22, 14, 0, 0, 420, 0};
    LoyaltyReceipt receipt = {sizeof receipt, LOYALTY_PLAY_DIGIT};
    LoyaltyAward award = {sizeof award};
    LoyaltyQuote quote = {sizeof quote};
    LoyaltyReversal reversal = {sizeof reversal};
    LoyaltyKept kept = {sizeof kept};
    LoyaltyColumns columns = {sizeof columns};
    LoyaltyError error = {sizeof error};
    int64_t total = 250000, value = 0, parts[3] = {0, 0, 0}, sum = 0;
    int8_t column = 5;
    int32_t digit = 0;
    receipt.total_rupiah = total;
    receipt.column = column;
    sum += loyalty_award_decide(program, &receipt, NULL, NULL, NULL, &award, &error) + award.value_rupiah;
    sum += loyalty_award_quote(program, &receipt, NULL, NULL, NULL, &quote, &error) + quote.best.value_rupiah;
    reversal.base_rupiah = reversal.total_rupiah = total;
    reversal.rate_bp = 600;
    reversal.issued_rupiah = -1;
    reversal.refund_rupiah = 50000;
    sum += loyalty_award_reverse(&reversal, &kept, &error) + kept.kept_rupiah;
    sum += loyalty_split_shares(1001, shares, 3, parts, &error) + parts[0];
    sum += loyalty_lucky_digit(&at, &digit, &error) + digit;
    columns.rows = 1;
    columns.total_rupiah = &total;
    columns.column = &column;
    columns.value_rupiah = &value;
    sum += loyalty_award_columns(program, &columns, NULL, NULL, &error) + value;
    receipt.total_rupiah = -1;
    sum += loyalty_award_decide(program, &receipt, NULL, NULL, NULL, &award, &error);
    return sum;
}

static int64_t expected;

static void interrupt(int signal) {
    (void)signal;
    handled++;
    if (hot() != expected)
        wrong_in_handler++;
}

int main(void) {
    static const char document[] = "{\"mechanism\":\"stopwatch\",\"margin_class\":\"below_15\",\"tier\":\"plus\",\"quota\":200000}";
    struct itimerval timer = {{0, 200}, {0, 200}};
    struct sigaction action;
    long before, during;
    int i, wrong = 0;
    if (loyalty_program_from_json(document, sizeof document - 1, &program, NULL) != LOYALTY_OK)
        return 2;
    if (allocations == 0) {
        fprintf(stderr, "the program was built without an allocation, so none is counted\n");
        return 2;
    }
    before = allocations;
    expected = hot();
    during = allocations - before;
    memset(&action, 0, sizeof action);
    action.sa_handler = interrupt;
    if (sigaction(SIGALRM, &action, NULL) != 0 || setitimer(ITIMER_REAL, &timer, NULL) != 0)
        return 2;
    for (i = 0; i < 100000000 && handled < 200; i++)
        wrong += hot() != expected;
    memset(&timer, 0, sizeof timer);
    setitimer(ITIMER_REAL, &timer, NULL);
    during += allocations - before - during;
    loyalty_program_free(program);
    printf("hot calls: %ld allocations; %d times interrupted by themselves, %d answers wrong\n", during, (int)handled,
           wrong + (int)wrong_in_handler);
    return during != 0 || wrong != 0 || wrong_in_handler != 0 || handled < 200;
}
