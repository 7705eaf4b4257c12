/* The vectors through the struct calls; `cargo xtask test c` writes struct_vectors.inc from tests/vectors. */
#include <loyalty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long compared, failed;

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

#include "struct_vectors.inc"

int main(void) {
    run_vectors();
    printf("%d vectors through the struct calls, %ld values compared, %ld failed\n", VECTORS, compared, failed);
    return failed != 0;
}
