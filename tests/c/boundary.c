/* What a careless caller passes. Each case: a status, nothing written, and the library works on. */
#include <loyalty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int cases, failures;

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        cases++;                                                                                                       \
        if (!(condition)) {                                                                                            \
            failures++;                                                                                                \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                            \
        }                                                                                                              \
    } while (0)

static const char DOCUMENT[] = "{\"mechanism\":\"stopwatch\",\"margin_class\":\"below_15\",\"tier\":\"plus\",\"quota\":200000}";
static const char AUCTION[] = "{\"mechanism\":\"time_auction\",\"margin_class\":\"from_15\",\"tier\":\"gold\",\"window\":{\"open\":\"08:00\"}}";

static LoyaltyProgram *program_of(const char *document) {
    LoyaltyProgram *program = NULL;
    CHECK(loyalty_program_from_json(document, strlen(document), &program, NULL) == LOYALTY_OK);
    return program;
}

static LoyaltyReceipt receipt_of(int64_t total, int32_t digit) {
    LoyaltyReceipt receipt = {sizeof receipt, LOYALTY_PLAY_DIGIT};
    receipt.total_rupiah = total;
    receipt.column = digit;
    return receipt;
}

/* A call that must refuse: the status, the path, and an award that stays as it was. */
static void refuses(const LoyaltyProgram *program, const LoyaltyReceipt *receipt, const LoyaltyShopper *shopper, int32_t status, const char *path) {
    LoyaltyAward award, before;
    LoyaltyError error;
    memset(&award, 0x5a, sizeof award);
    award.struct_size = sizeof award;
    before = award;
    memset(&error, 0, sizeof error);
    error.struct_size = sizeof error;
    CHECK(loyalty_award_decide(program, receipt, shopper, NULL, NULL, &award, &error) == status);
    CHECK(memcmp(&award, &before, sizeof award) == 0);
    CHECK(error.status == status);
    CHECK(strcmp(error.path, path) == 0);
    CHECK(error.kind[0] != '\0' && error.message_en[0] != '\0' && error.message_id[0] != '\0');
    if (strcmp(error.path, path) != 0)
        fprintf(stderr, "  path %s, status %d\n", error.path, (int)error.status);
}

static void null_and_misaligned(const LoyaltyProgram *program) {
    LoyaltyReceipt receipt = receipt_of(250000, 5);
    LoyaltyAward award = {sizeof award};
    union {
        uint64_t align;
        char bytes[sizeof(LoyaltyAward) + 16];
    } memory;
    int shift;
    refuses(NULL, &receipt, NULL, LOYALTY_NULL_POINTER, "program");
    refuses(program, NULL, NULL, LOYALTY_NULL_POINTER, "receipt");
    CHECK(loyalty_award_decide(program, &receipt, NULL, NULL, NULL, NULL, NULL) == LOYALTY_NULL_POINTER);
    for (shift = 1; shift < 8; shift++) {
        memset(&memory, 0, sizeof memory);
        memcpy(memory.bytes + shift, &receipt, sizeof receipt);
        refuses(program, (const LoyaltyReceipt *)(const void *)(memory.bytes + shift), NULL, LOYALTY_MISALIGNED, "receipt");
        CHECK(loyalty_award_decide(program, &receipt, NULL, NULL, NULL, (LoyaltyAward *)(void *)(memory.bytes + shift), NULL) == LOYALTY_MISALIGNED);
    }
    CHECK(loyalty_award_decide(program, &receipt, NULL, NULL, NULL, &award, (LoyaltyError *)(void *)(memory.bytes + 1)) == LOYALTY_MISALIGNED);
    CHECK(loyalty_lucky_digit(NULL, NULL, NULL) == LOYALTY_NULL_POINTER);
    CHECK(loyalty_program_from_json(DOCUMENT, sizeof DOCUMENT - 1, NULL, NULL) == LOYALTY_NULL_POINTER);
}

static void sizes(const LoyaltyProgram *program) {
    static const uint32_t bad[] = {0, 1, 4, (uint32_t)sizeof(LoyaltyReceipt) - 1, 65537, 0x7fffffff, 0xffffffff};
    struct {
        LoyaltyReceipt known;
        uint64_t later[4];
    } longer;
    struct {
        LoyaltyAward known;
        uint64_t later[2];
    } out;
    LoyaltyReceipt receipt = receipt_of(250000, 5);
    LoyaltyAward award = {sizeof award};
    LoyaltyError error = {sizeof error - 1};
    size_t i;
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        receipt.struct_size = bad[i];
        refuses(program, &receipt, NULL, LOYALTY_BAD_STRUCT_SIZE, "receipt.struct_size");
    }
    receipt.struct_size = sizeof receipt;
    CHECK(loyalty_award_decide(program, &receipt, NULL, NULL, NULL, &award, &error) == LOYALTY_BAD_STRUCT_SIZE);
    award.struct_size = sizeof award - 8;
    CHECK(loyalty_award_decide(program, &receipt, NULL, NULL, NULL, &award, NULL) == LOYALTY_BAD_STRUCT_SIZE);

    /* A newer header: what it adds is zero, or refused. */
    memset(&longer, 0, sizeof longer);
    longer.known = receipt;
    longer.known.struct_size = sizeof longer;
    memset(&out, 0x5a, sizeof out);
    out.known.struct_size = sizeof out;
    CHECK(loyalty_award_decide(program, &longer.known, NULL, NULL, NULL, &out.known, NULL) == LOYALTY_OK);
    CHECK(out.known.value_rupiah == 15000 && out.known.struct_size == sizeof out && out.later[0] == 0 && out.later[1] == 0);
    longer.later[3] = 1;
    refuses(program, &longer.known, NULL, LOYALTY_RESERVED_NOT_ZERO, "receipt");
    receipt.reserved[0] = 1;
    refuses(program, &receipt, NULL, LOYALTY_RESERVED_NOT_ZERO, "receipt.reserved");
}

static void numbers(const LoyaltyProgram *program) {
    static const int64_t outside[] = {9007199254740992, -9007199254740992, INT64_MAX, INT64_MIN};
    LoyaltyReceipt receipt = receipt_of(0, 5);
    LoyaltyShopper shopper = {sizeof shopper};
    size_t i;
    for (i = 0; i < sizeof outside / sizeof *outside; i++) {
        receipt.total_rupiah = outside[i];
        refuses(program, &receipt, NULL, LOYALTY_OUT_OF_RANGE, "receipt.total_rupiah");
    }
    receipt = receipt_of(250000, 5);
    receipt.total_rupiah = -1;
    refuses(program, &receipt, NULL, LOYALTY_OUT_OF_RANGE, "receipt.total");
    receipt = receipt_of(250000, 5);
    receipt.paid_by_voucher_rupiah = 250001;
    refuses(program, &receipt, NULL, LOYALTY_OUT_OF_RANGE, "receipt.paid_by_voucher");
    receipt = receipt_of(250000, 10);
    refuses(program, &receipt, NULL, LOYALTY_OUT_OF_RANGE, "receipt.column");
    receipt = receipt_of(250000, -1);
    refuses(program, &receipt, NULL, LOYALTY_OUT_OF_RANGE, "receipt.column");
    receipt = receipt_of(250000, 256 + 5);
    refuses(program, &receipt, NULL, LOYALTY_OUT_OF_RANGE, "receipt.column");
    receipt = receipt_of(250000, 5);
    receipt.play = 5;
    refuses(program, &receipt, NULL, LOYALTY_BAD_CHOICE, "receipt.play");
    receipt.play = INT32_MIN;
    refuses(program, &receipt, NULL, LOYALTY_BAD_CHOICE, "receipt.play");
    receipt = receipt_of(250000, 5);
    receipt.late = 2;
    refuses(program, &receipt, NULL, LOYALTY_BAD_CHOICE, "receipt.late");
    receipt = receipt_of(250000, 5);
    receipt.countdown_s = 15;
    refuses(program, &receipt, NULL, LOYALTY_BAD_CONFIG, "receipt.play");
    receipt = receipt_of(250000, 5);
    receipt.play = LOYALTY_PLAY_SLOT;
    refuses(program, &receipt, NULL, LOYALTY_BAD_CONFIG, "receipt.slot");
    receipt = receipt_of(250000, 0);
    receipt.play = LOYALTY_PLAY_CLAIM;
    receipt.countdown_s = 15;
    receipt.started_at.year = 2025;
    refuses(program, &receipt, NULL, LOYALTY_BAD_TIME, "receipt.started_at");
    receipt = receipt_of(250000, 5);
    shopper.prior_points_milli = -1;
    refuses(program, &receipt, &shopper, LOYALTY_OUT_OF_RANGE, "shopper.prior_points_milli");
    shopper.prior_points_milli = 0;
    shopper.purchases = -1;
    refuses(program, &receipt, &shopper, LOYALTY_OUT_OF_RANGE, "shopper.purchases");
    shopper.purchases = 9007199254740991;
    refuses(program, &receipt, &shopper, LOYALTY_OUT_OF_RANGE, "shopper.purchases");
}

static void texts(void) {
    static const char broken[] = "{\"mechanism\":\"\xff\"}";
    char *answer = (char *)&cases, *untouched = answer;
    size_t len = 77, i;
    LoyaltyProgram *program = NULL;
    LoyaltyError error = {sizeof error};
    static char key[600];
    CHECK(loyalty_program_from_json(NULL, 0, &program, &error) == LOYALTY_BAD_JSON && program == NULL);
    CHECK(loyalty_program_from_json(NULL, 1, &program, &error) == LOYALTY_NULL_POINTER);
    CHECK(loyalty_program_from_json(DOCUMENT, SIZE_MAX, &program, &error) == LOYALTY_BAD_LENGTH);
    CHECK(loyalty_program_from_json(broken, sizeof broken - 1, &program, &error) == LOYALTY_BAD_JSON);
    CHECK(loyalty_program_from_json(DOCUMENT, sizeof DOCUMENT, &program, &error) == LOYALTY_BAD_JSON); /* with its NUL */
    for (i = 0; i < sizeof DOCUMENT - 1; i++)
        CHECK(loyalty_program_from_json(DOCUMENT, i, &program, NULL) == LOYALTY_BAD_JSON && program == NULL);
    /* A path longer than its field is cut between characters. */
    strcpy(key, DOCUMENT);
    len = strlen(key) - 1;
    strcpy(key + len, ",\"");
    for (i = len + 2; i < 500; i += 2)
        memcpy(key + i, "\xc3\xa9", 2);
    strcpy(key + i, "\":1}");
    CHECK(loyalty_program_from_json(key, strlen(key), &program, &error) == LOYALTY_UNKNOWN_FIELD);
    CHECK(strlen(error.path) < sizeof error.path && strlen(error.path) > 180);
    CHECK(memcmp(error.path + strlen(error.path) - 3, "\xe2\x80\xa6", 3) == 0);

    len = 77;
    CHECK(loyalty_call(NULL, "{}", 2, &answer, &len) == LOYALTY_NULL_POINTER && answer == untouched && len == 77);
    CHECK(loyalty_call("rate.parse", NULL, 3, &answer, &len) == LOYALTY_NULL_POINTER && answer == untouched);
    CHECK(loyalty_call("rate.parse", "{}", 2, NULL, &len) == LOYALTY_NULL_POINTER && len == 77);
    CHECK(loyalty_call("rate.parse", "{}", 2, &answer, NULL) == LOYALTY_NULL_POINTER && answer == untouched);
    CHECK(loyalty_call("rate.parse", "{}", SIZE_MAX, &answer, &len) == LOYALTY_BAD_LENGTH && answer == untouched);
    CHECK(loyalty_call("\xff", "{}", 2, &answer, &len) == LOYALTY_NOT_UTF8 && answer == untouched);
    CHECK(loyalty_call("", "{}", 2, &answer, &len) == LOYALTY_UNKNOWN_OP && strstr(answer, "\"unknown_op\"") != NULL);
    loyalty_free(answer);
    CHECK(loyalty_call("rate.parse", NULL, 0, &answer, &len) == LOYALTY_BAD_JSON && len == strlen(answer));
    loyalty_free(answer);
    CHECK(loyalty_call("rate.parse", "{\"text\":\"3.5%\"}", 15, &answer, &len) == LOYALTY_OK && strcmp(answer, "{\"rate_bp\":350}") == 0);
    loyalty_free(answer);
    loyalty_free(NULL);
    loyalty_program_free(NULL);
    CHECK(loyalty_call_into("rate.parse", "{\"text\":\"3.5%\"}", 15, NULL, 0, &len) == LOYALTY_BUFFER_TOO_SMALL && len == 15);
    CHECK(loyalty_call_into("rate.parse", "{\"text\":\"3.5%\"}", 15, NULL, 15, &len) == LOYALTY_NULL_POINTER);
    CHECK(loyalty_call_into("rate.parse", "{\"text\":\"3.5%\"}", 15, key, 15, NULL) == LOYALTY_NULL_POINTER);
}

static void compiled(void) {
    char request[256], *answer = NULL;
    unsigned char bytes[4096], *hex;
    size_t len, count = 0, size = loyalty_program_size(), i;
    LoyaltyProgram *program = NULL;
    const LoyaltyProgram *placed = NULL;
    char *memory = malloc(size + 8);
    LoyaltyReceipt receipt = receipt_of(250000, 5);
    LoyaltyAward award = {sizeof award};
    LoyaltyError error = {sizeof error};
    sprintf(request, "{\"program\":%s}", DOCUMENT);
    CHECK(loyalty_call("program.compile", request, strlen(request), &answer, &len) == LOYALTY_OK);
    for (hex = (unsigned char *)strstr(answer, ":\"") + 2; *hex != '"'; hex += 2) {
        unsigned byte;
        sscanf((const char *)hex, "%2x", &byte);
        bytes[count++] = (unsigned char)byte;
    }
    loyalty_free(answer);
    CHECK(loyalty_program_from_compiled(bytes, count, &program, &error) == LOYALTY_OK);
    CHECK(loyalty_award_decide(program, &receipt, NULL, NULL, NULL, &award, NULL) == LOYALTY_OK && award.value_rupiah == 15000);
    loyalty_program_free(program);
    program = NULL;
    CHECK(loyalty_program_place(memory, size, bytes, count, &placed, &error) == LOYALTY_OK && (const char *)placed == memory);
    CHECK(loyalty_award_decide(placed, &receipt, NULL, NULL, NULL, &award, NULL) == LOYALTY_OK && award.value_rupiah == 15000);
    placed = NULL;
    CHECK(loyalty_program_place(memory, size - 1, bytes, count, &placed, &error) == LOYALTY_BAD_LENGTH && placed == NULL);
    CHECK(loyalty_program_place(memory + 1, size, bytes, count, &placed, &error) == LOYALTY_MISALIGNED && placed == NULL);
    CHECK(loyalty_program_place(NULL, size, bytes, count, &placed, &error) == LOYALTY_NULL_POINTER && placed == NULL);
    CHECK(loyalty_program_alignment() <= 16 && (loyalty_program_alignment() & (loyalty_program_alignment() - 1)) == 0);
    for (i = 0; i < count; i++) {
        bytes[i] ^= 0x40;
        CHECK(loyalty_program_from_compiled(bytes, count, &program, &error) == LOYALTY_BAD_COMPILED && program == NULL);
        bytes[i] ^= 0x40;
        CHECK(loyalty_program_from_compiled(bytes, i, &program, NULL) == LOYALTY_BAD_COMPILED);
    }
    free(memory);
}

static void overlap(const LoyaltyProgram *program) {
    /* Counters in and out in one struct; a receipt that lies in the award it is rated into. */
    union {
        LoyaltyReceipt receipt;
        LoyaltyAward award;
    } both;
    LoyaltyReceipt receipt = receipt_of(250000, 5);
    memset(&both, 0, sizeof both);
    both.receipt = receipt;
    both.receipt.struct_size = sizeof both;
    CHECK(loyalty_award_decide(program, &both.receipt, NULL, NULL, NULL, &both.award, NULL) == LOYALTY_OK);
    CHECK(both.award.value_rupiah == 15000 && both.award.struct_size == sizeof both);
}

static void splits(void) {
    static const uint32_t shares[] = {5000, 4000, 1000}, off[] = {5000, 4000, 999}, weights[] = {1, 3, 3}, none[] = {0, 0};
    static uint32_t many[65];
    int64_t parts[65];
    LoyaltyError error = {sizeof error};
    int i;
    for (i = 0; i < 65; i++) {
        many[i] = 1;
        parts[i] = 77;
    }
    CHECK(loyalty_split_shares(1001, shares, 3, parts, NULL) == LOYALTY_OK && parts[0] == 501 && parts[1] == 400 && parts[2] == 100 && parts[3] == 77);
    CHECK(loyalty_split_weights(-4, weights, 3, parts, NULL) == LOYALTY_OK && parts[0] == 0 && parts[1] == -2 && parts[2] == -2);
    CHECK(loyalty_split_shares(1, off, 3, parts, &error) == LOYALTY_BAD_SHARES && parts[1] == -2);
    CHECK(loyalty_split_weights(1, none, 2, parts, &error) == LOYALTY_BAD_SHARES);
    CHECK(loyalty_split_weights(1, NULL, 0, NULL, &error) == LOYALTY_BAD_SHARES);
    CHECK(loyalty_split_weights(65, many, 65, parts, &error) == LOYALTY_BAD_SHARES);
    CHECK(loyalty_split_weights(64, many, 64, parts, &error) == LOYALTY_OK && parts[63] == 1 && parts[64] == 77);
    CHECK(loyalty_split_weights(1, many, SIZE_MAX / 4, parts, &error) == LOYALTY_BAD_LENGTH);
    CHECK(loyalty_split_weights(INT64_MIN, many, 2, parts, &error) == LOYALTY_OUT_OF_RANGE && strcmp(error.path, "amount_rupiah") == 0);
}

static void columns(const LoyaltyProgram *program) {
    int64_t totals[3] = {250000, 100000, 300000}, priors[3] = {0, 300000, 0}, values[3] = {7, 7, 7};
    int8_t digits[3] = {5, 0, -1};
    uint16_t rates[3] = {7, 7, 7};
    uint8_t reasons[3] = {7, 7, 7};
    LoyaltyColumns table = {sizeof table};
    LoyaltyCounters counters = {sizeof counters};
    LoyaltyError error = {sizeof error};
    table.rows = 3;
    table.total_rupiah = totals;
    table.column = digits;
    table.prior_points_milli = priors;
    table.value_rupiah = values;
    CHECK(loyalty_award_columns(program, &table, NULL, &counters, &error) == LOYALTY_OK);
    CHECK(values[0] == 15000 && values[1] == 1500 && values[2] == 0 && counters.released_today_rupiah == 16500);
    table.rate_bp = rates;
    table.reason = reasons;
    CHECK(loyalty_award_columns(program, &table, NULL, NULL, &error) == LOYALTY_OK);
    CHECK(rates[0] == 600 && rates[1] == 150 && rates[2] == 0);
    CHECK(reasons[0] == LOYALTY_REASON_FULL && reasons[1] == LOYALTY_REASON_STANDBY && reasons[2] == LOYALTY_REASON_PLAY_PENDING);
    values[0] = values[1] = 7;
    digits[2] = 10;
    CHECK(loyalty_award_columns(program, &table, NULL, &counters, &error) == LOYALTY_OUT_OF_RANGE);
    CHECK(strcmp(error.path, "rows[2].column") == 0 && values[0] == 7 && values[1] == 7 && counters.released_today_rupiah == 16500);
    table.rows = UINT64_MAX;
    CHECK(loyalty_award_columns(program, &table, NULL, NULL, &error) == LOYALTY_BAD_LENGTH);
    table.rows = 0;
    table.total_rupiah = NULL;
    table.column = NULL;
    table.value_rupiah = NULL;
    CHECK(loyalty_award_columns(program, &table, NULL, NULL, &error) == LOYALTY_OK);
    table.rows = 1;
    CHECK(loyalty_award_columns(program, &table, NULL, NULL, &error) == LOYALTY_NULL_POINTER);
}

static void slots(void) {
    LoyaltyProgram *auction = program_of(AUCTION), *stopwatch = program_of(DOCUMENT);
    LoyaltyTime at = {2025, 3, 1, 16, 30, 0, 0, 0, 420, 0};
    LoyaltyError error = {sizeof error};
    int32_t slot = 77;
    CHECK(loyalty_slot(auction, &at, &slot, &error) == LOYALTY_OK && slot == 9);
    at.hour = 18;
    CHECK(loyalty_slot(auction, &at, &slot, &error) == LOYALTY_OK && slot == 0);
    slot = 77;
    CHECK(loyalty_slot(stopwatch, &at, &slot, &error) == LOYALTY_MISSING_FIELD && slot == 77);
    at.reserved = 1;
    CHECK(loyalty_slot(auction, &at, &slot, &error) == LOYALTY_RESERVED_NOT_ZERO && slot == 77);
    at.reserved = 0;
    at.month = 13;
    CHECK(loyalty_slot(auction, &at, &slot, &error) == LOYALTY_BAD_TIME && slot == 77 && strcmp(error.path, "at") == 0);
    at.month = 2;
    at.day = 29;
    CHECK(loyalty_slot(auction, &at, &slot, &error) == LOYALTY_BAD_TIME);
    at.day = 28;
    at.second = 60;
    CHECK(loyalty_lucky_digit(&at, &slot, &error) == LOYALTY_OK && slot == 0);
    at.second = 61;
    CHECK(loyalty_lucky_digit(&at, &slot, &error) == LOYALTY_BAD_TIME);
    at.second = 0;
    at.offset_minutes = 1440;
    CHECK(loyalty_lucky_digit(&at, &slot, &error) == LOYALTY_BAD_TIME);
    loyalty_program_free(auction);
    loyalty_program_free(stopwatch);
}

#ifdef DELIBERATE_PANIC
int32_t loyalty_test_panic(LoyaltyError *error);

static void panics(void) {
    LoyaltyError error = {sizeof error};
    CHECK(loyalty_test_panic(NULL) == LOYALTY_INTERNAL);
    CHECK(loyalty_test_panic(&error) == LOYALTY_INTERNAL && strcmp(error.kind, "internal") == 0);
}
#endif

int main(void) {
    LoyaltyProgram *program = program_of(DOCUMENT);
    CHECK(loyalty_abi_version() == LOYALTY_ABI_VERSION);
#ifdef DELIBERATE_PANIC
    panics();
#endif
    null_and_misaligned(program);
    sizes(program);
    numbers(program);
    texts();
    compiled();
    overlap(program);
    splits();
    columns(program);
    slots();
    loyalty_program_free(program);
    printf("%d checks at the boundary, %d failed\n", cases, failures);
    return failures != 0;
}
