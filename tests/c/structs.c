/* The vectors through the struct calls; `cargo xtask test c` writes struct_vectors.inc from tests/vectors. */
#include <loyalty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long compared, failed, abreast;

static void expect(const char *vector, const char *field, long long expected, long long actual) {
    compared++;
    if (expected != actual) {
        failed++;
        fprintf(stderr, "%s: %s is %lld, expected %lld\n", vector, field, actual, expected);
    }
}

static void expect_text(const char *vector, const char *field, const char *expected, const char *actual) {
    compared++;
    if (strcmp(expected, actual) != 0) {
        failed++;
        fprintf(stderr, "%s: %s is %s, expected %s\n", vector, field, actual, expected);
    }
}

/* A program, or the status of its refusal. */
static LoyaltyProgram *prove(const char *document, int32_t *status) {
    LoyaltyProgram *program = NULL;
    *status = loyalty_program_from_json(document, strlen(document), &program, NULL);
    return program;
}

/* A receipt as the first row of columns: alone, and before fifteen like it, which are decided side by side. */
static void first_row(const char *vector, const LoyaltyProgram *program, const LoyaltyMerchant *merchant, const LoyaltyCounters *counters, int64_t total,
                      int64_t paid, int64_t points, int64_t purchases, int pick, int reason, int rate, int64_t value) {
    int64_t totals[16], paids[16], priors[16], purchased[16], values[16];
    int8_t picks[16];
    uint16_t rates[16];
    uint8_t reasons[16];
    int rows, row;
    for (row = 0; row < 16; row++) {
        totals[row] = total, paids[row] = paid, priors[row] = points, purchased[row] = purchases;
        picks[row] = (int8_t)pick;
    }
    for (rows = 1; rows <= 16; rows += 15) {
        LoyaltyCounters given = *counters;
        LoyaltyColumns columns = {sizeof columns};
        LoyaltyError error = {sizeof error};
        int32_t status;
        columns.rows = (uint64_t)rows;
        columns.total_rupiah = totals, columns.paid_by_voucher_rupiah = paids, columns.prior_points_milli = priors, columns.purchases = purchased;
        columns.column = picks;
        columns.value_rupiah = values, columns.rate_bp = rates, columns.reason = reasons;
        status = loyalty_award_columns(program, &columns, merchant, &given, &error);
        /* What the first row leaves may take a later one out of the domain. */
        if (rows == 16 && status != LOYALTY_OK && strncmp(error.path, "rows[0]", 7) != 0)
            continue;
        expect(vector, "status of columns", LOYALTY_OK, status);
        expect(vector, "value of columns", value, values[0]);
        expect(vector, "rate of columns", rate, rates[0]);
        expect(vector, "reason of columns", reason, reasons[0]);
        if (rows == 16)
            abreast++;
    }
}

#include "struct_vectors.inc"

int main(void) {
    run_vectors();
    printf("%ld receipts as sixteen rows of columns\n", abreast);
    printf("%d vectors through the struct calls, %ld values compared, %ld failed\n", VECTORS, compared, failed);
    return failed != 0;
}
