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
        refuses(program, &receipt, NULL, LOYALTY_OUT_OF_RANGE, "receipt.total");
    }
    receipt = receipt_of(250000, 5);
    receipt.total_rupiah = -1;
    refuses(program, &receipt, NULL, LOYALTY_OUT_OF_RANGE, "receipt.total");
    receipt = receipt_of(250000, 5);
    receipt.paid_by_voucher_rupiah = 250001;
    refuses(program, &receipt, NULL, LOYALTY_OUT_OF_RANGE, "receipt.paid_by_voucher");
    receipt = receipt_of(250000, 10);
    refuses(program, &receipt, NULL, LOYALTY_OUT_OF_RANGE, "receipt.digit");
    receipt = receipt_of(250000, -1);
    refuses(program, &receipt, NULL, LOYALTY_OUT_OF_RANGE, "receipt.digit");
    receipt = receipt_of(250000, 256 + 5);
    refuses(program, &receipt, NULL, LOYALTY_OUT_OF_RANGE, "receipt.digit");
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
    refuses(program, &receipt, NULL, LOYALTY_BAD_TIME, "receipt.claim.started_at");
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
    CHECK(loyalty_split_weights(INT64_MIN, many, 2, parts, &error) == LOYALTY_OUT_OF_RANGE && strcmp(error.path, "amount") == 0);
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
    CHECK(strcmp(error.path, "rows[2].receipt.digit") == 0 && values[0] == 7 && values[1] == 7 && counters.released_today_rupiah == 16500);
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

/* What a C programmer reads: the code, the path, and what to set in the struct, in both languages. */
typedef struct {
    LoyaltyProgram *stopwatch, *auction, *open, *hardened;
    LoyaltyReceipt receipt;
    LoyaltyShopper shopper;
    LoyaltyMerchant merchant;
    LoyaltyCounters counters;
    LoyaltyReversal reversal;
    LoyaltyAward award;
    LoyaltyError error;
} Words;

static const LoyaltyTime NOON = {2025, 3, 1, 12, 0, 0, 0, 0, 420, 0};

static int32_t decide(Words *words, const LoyaltyProgram *program) {
    return loyalty_award_decide(program, &words->receipt, &words->shopper, &words->merchant, &words->counters, &words->award, &words->error);
}

static int32_t reverse(Words *words) {
    LoyaltyKept kept = {sizeof kept};
    return loyalty_award_reverse(&words->reversal, &kept, &words->error);
}

static int32_t of_columns(Words *words, const LoyaltyProgram *program, int64_t total, int8_t column, int64_t points) {
    int64_t value;
    LoyaltyColumns columns = {sizeof columns};
    columns.rows = 1;
    columns.total_rupiah = &total;
    columns.column = &column;
    columns.prior_points_milli = &points;
    columns.value_rupiah = &value;
    return loyalty_award_columns(program, &columns, NULL, NULL, &words->error);
}

static void claim(LoyaltyReceipt *receipt) {
    receipt->play = LOYALTY_PLAY_CLAIM;
    receipt->column = 0;
    receipt->countdown_s = 15;
    receipt->started_at = receipt->stopped_at = NOON;
    receipt->stopped_at.second = 15;
}

static void bought_at(LoyaltyReceipt *receipt) {
    receipt->play = LOYALTY_PLAY_AT;
    receipt->column = 0;
    receipt->at = NOON;
}

static void reset(Words *words) {
    memset(&words->counters, 0, sizeof words->counters);
    memset(&words->reversal, 0, sizeof words->reversal);
    memset(&words->error, 0, sizeof words->error);
    words->receipt = receipt_of(250000, 5);
    words->shopper = (LoyaltyShopper){.struct_size = sizeof words->shopper};
    words->merchant = (LoyaltyMerchant){.struct_size = sizeof words->merchant};
    words->counters.struct_size = sizeof words->counters;
    words->award.struct_size = sizeof words->award;
    words->error.struct_size = sizeof words->error;
    words->reversal.struct_size = sizeof words->reversal;
    words->reversal.rate_bp = 350;
    words->reversal.base_rupiah = words->reversal.total_rupiah = 1000;
    words->reversal.issued_rupiah = -1;
}

/* `set` fills the structs, `call` is made on them, `english` and `indonesian` stand in the texts. */
#define REFUSED(set, call, code, where, english, indonesian)                                                           \
    do {                                                                                                               \
        reset(&w);                                                                                                     \
        set;                                                                                                           \
        CHECK((call) == (code));                                                                                       \
        CHECK(w.error.status == (code) && strcmp(w.error.path, where) == 0);                                           \
        CHECK(strstr(w.error.message_en, english) != NULL && strstr(w.error.message_id, indonesian) != NULL);          \
        CHECK(speaks_of_structs(w.error.message_en) && speaks_of_structs(w.error.message_id));                         \
        if (strcmp(w.error.path, where) != 0 || strstr(w.error.message_en, english) == NULL)                           \
            fprintf(stderr, "  %s: %s / %s\n", w.error.path, w.error.message_en, w.error.message_id);                  \
    } while (0)

static int speaks_of_structs(const char *text) {
    static const char *const foreign[] = {"JSON", "{", "YYYY", "HH:MM", "null", "quotes", "object", "list of", "leave it out", "this field is required", "docs/"};
    size_t i;
    for (i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (strstr(text, foreign[i]) != NULL)
            return 0;
    return text[0] != '\0';
}

static void words_of_structs(void) {
    static const char hardened[] =
        "{\"mechanism\":\"stopwatch\",\"margin_class\":\"below_15\",\"tier\":\"plus\",\"draw\":{\"kind\":\"hardened\",\"key_id\":\"k\"},\"waiver\":\"none\"}";
    static const char unopened[] = "{\"mechanism\":\"time_auction\",\"margin_class\":\"from_15\",\"tier\":\"gold\"}";
    static const uint32_t off[] = {5000, 4999}, above[] = {10001, 0}, none[] = {0, 0};
    static uint32_t many[65];
    int64_t parts[65];
    int32_t number;
    LoyaltyTime time;
    LoyaltyQuote quote = {sizeof quote};
    Words w;
    memset(&w, 0, sizeof w);
    w.stopwatch = program_of(DOCUMENT);
    w.auction = program_of(AUCTION);
    w.open = program_of(unopened);
    w.hardened = program_of(hardened);

    /* A time. */
    REFUSED((bought_at(&w.receipt), w.receipt.at.month = 2, w.receipt.at.day = 30), decide(&w, w.auction), LOYALTY_BAD_TIME, "receipt.at", "set year 0", "setel year 0");
    REFUSED((bought_at(&w.receipt), w.receipt.at.month = 13), decide(&w, w.auction), LOYALTY_BAD_TIME, "receipt.at", "month 1", "month 1");
    REFUSED((bought_at(&w.receipt), w.receipt.at.hour = 24), decide(&w, w.auction), LOYALTY_BAD_TIME, "receipt.at", "set hour 0", "setel hour 0");
    REFUSED((bought_at(&w.receipt), w.receipt.at.nanosecond = 1000000000), decide(&w, w.auction), LOYALTY_BAD_TIME, "receipt.at", "nanosecond", "nanosecond");
    REFUSED((bought_at(&w.receipt), w.receipt.at.offset_minutes = 1440), decide(&w, w.auction), LOYALTY_BAD_TIME, "receipt.at", "set offset_minutes", "setel offset_minutes");
    REFUSED((bought_at(&w.receipt), w.receipt.at.reserved2 = 1), decide(&w, w.auction), LOYALTY_RESERVED_NOT_ZERO, "receipt.at", "reserved", "cadangan");
    REFUSED((claim(&w.receipt), w.receipt.started_at.day = 32), decide(&w, w.stopwatch), LOYALTY_BAD_TIME, "receipt.claim.started_at", "set year", "setel year");
    REFUSED((claim(&w.receipt), w.receipt.stopped_at.minute = 60), decide(&w, w.stopwatch), LOYALTY_BAD_TIME, "receipt.claim.stopped_at", "set hour", "setel hour");
    REFUSED((claim(&w.receipt), w.receipt.countdown_s = INT64_MAX), decide(&w, w.stopwatch), LOYALTY_OUT_OF_RANGE, "receipt.claim.countdown_s", "smaller", "lebih kecil");
    REFUSED((time = NOON, time.day = 0), loyalty_lucky_digit(&time, &number, &w.error), LOYALTY_BAD_TIME, "stopped_at", "set year", "setel year");
    REFUSED((time = NOON, time.second = 61), loyalty_slot(w.auction, &time, &number, &w.error), LOYALTY_BAD_TIME, "at", "second 0", "second 0");
    REFUSED((w.counters.day_year = 2025, w.counters.day_month = 2, w.counters.day_day = 30), decide(&w, w.stopwatch), LOYALTY_BAD_TIME, "counters.day", "day_year, day_month and day_day", "day_year, day_month, dan day_day");
    REFUSED(w.counters.day_year = 2025, decide(&w, w.stopwatch), LOYALTY_BAD_TIME, "counters.day", "or all three to 0", "atau ketiganya ke 0");

    /* A play. */
    REFUSED((w.receipt.play = LOYALTY_PLAY_PENDING, w.receipt.column = 0), decide(&w, w.auction), LOYALTY_MISSING_FIELD, "receipt.slot", "set play to LOYALTY_PLAY_SLOT or LOYALTY_PLAY_AT", "setel play ke LOYALTY_PLAY_SLOT");
    REFUSED((w.receipt.play = LOYALTY_PLAY_PENDING, w.receipt.column = 0), loyalty_award_quote(w.auction, &w.receipt, NULL, NULL, NULL, &quote, &w.error), LOYALTY_MISSING_FIELD, "receipt.slot", "LOYALTY_PLAY_SLOT", "LOYALTY_PLAY_SLOT");
    REFUSED((void)0, decide(&w, w.auction), LOYALTY_BAD_CONFIG, "receipt.digit", "LOYALTY_PLAY_SLOT", "LOYALTY_PLAY_SLOT");
    REFUSED(claim(&w.receipt), decide(&w, w.auction), LOYALTY_BAD_CONFIG, "receipt.claim", "LOYALTY_PLAY_AT", "LOYALTY_PLAY_AT");
    REFUSED(w.receipt.play = LOYALTY_PLAY_SLOT, decide(&w, w.stopwatch), LOYALTY_BAD_CONFIG, "receipt.slot", "LOYALTY_PLAY_DIGIT", "LOYALTY_PLAY_DIGIT");
    REFUSED(bought_at(&w.receipt), decide(&w, w.stopwatch), LOYALTY_BAD_CONFIG, "receipt.at", "LOYALTY_PLAY_CLAIM", "LOYALTY_PLAY_CLAIM");
    REFUSED(bought_at(&w.receipt), decide(&w, w.open), LOYALTY_MISSING_FIELD, "program.window", "has no window", "tidak memiliki window");
    REFUSED(time = NOON, loyalty_slot(w.open, &time, &number, &w.error), LOYALTY_MISSING_FIELD, "program.window", "load a program", "muat program");
    REFUSED(claim(&w.receipt), decide(&w, w.hardened), LOYALTY_BAD_CONFIG, "receipt.claim", "column to the drawn digit", "column ke angka hasil undian");
    REFUSED(w.receipt.countdown_s = 15, decide(&w, w.stopwatch), LOYALTY_BAD_CONFIG, "receipt.play", "field of another play", "play yang lain");
    REFUSED(w.receipt.column = 10, decide(&w, w.stopwatch), LOYALTY_OUT_OF_RANGE, "receipt.digit", "set it in column", "setel di column");
    REFUSED((w.receipt.play = LOYALTY_PLAY_SLOT, w.receipt.column = 0), decide(&w, w.auction), LOYALTY_OUT_OF_RANGE, "receipt.slot", "1 \xe2\x80\xa6 10", "setel di column");
    REFUSED(w.receipt.play = 5, decide(&w, w.stopwatch), LOYALTY_BAD_CHOICE, "receipt.play", "constant of the header", "konstanta");
    REFUSED(w.receipt.late = 2, decide(&w, w.stopwatch), LOYALTY_BAD_CHOICE, "receipt.late", "1 for yes or 0 for no", "1 untuk ya atau 0");
    REFUSED(w.merchant.suspended = -1, decide(&w, w.stopwatch), LOYALTY_BAD_CHOICE, "merchant.suspended", "1 for yes", "1 untuk ya");

    /* One field, one path: outside the domain or below zero. */
    REFUSED(w.receipt.total_rupiah = INT64_MAX, decide(&w, w.stopwatch), LOYALTY_OUT_OF_RANGE, "receipt.total", "outside", "di luar");
    REFUSED(w.receipt.total_rupiah = -1, decide(&w, w.stopwatch), LOYALTY_OUT_OF_RANGE, "receipt.total", "negative", "negatif");
    REFUSED(w.receipt.paid_by_voucher_rupiah = INT64_MAX, decide(&w, w.stopwatch), LOYALTY_OUT_OF_RANGE, "receipt.paid_by_voucher", "outside", "di luar");
    REFUSED(w.receipt.paid_by_voucher_rupiah = 250001, decide(&w, w.stopwatch), LOYALTY_OUT_OF_RANGE, "receipt.paid_by_voucher", "total", "total");
    REFUSED(w.shopper.prior_points_milli = INT64_MIN, decide(&w, w.stopwatch), LOYALTY_OUT_OF_RANGE, "shopper.prior_points_milli", "outside", "di luar");
    REFUSED(w.merchant.fund_balance_rupiah = INT64_MAX, decide(&w, w.stopwatch), LOYALTY_OUT_OF_RANGE, "merchant.fund_balance", "outside", "di luar");
    REFUSED(w.merchant.fund_balance_rupiah = -1, decide(&w, w.stopwatch), LOYALTY_OUT_OF_RANGE, "merchant.fund_balance", "negative", "negatif");
    REFUSED(w.merchant.outstanding_rupiah = -1, decide(&w, w.stopwatch), LOYALTY_OUT_OF_RANGE, "merchant.outstanding", "negative", "negatif");
    REFUSED(w.counters.released_today_rupiah = -1, decide(&w, w.stopwatch), LOYALTY_OUT_OF_RANGE, "counters.released_today", "negative", "negatif");
    REFUSED(w.counters.released_today_rupiah = 9007199254740991, decide(&w, w.stopwatch), LOYALTY_OUT_OF_RANGE, "counters.released_today", "outside", "di luar");
    REFUSED(w.counters.awards_by_slot[2] = 1, decide(&w, w.stopwatch), LOYALTY_BAD_CONFIG, "counters.awards_by_slot", "set all ten numbers to 0", "setel kesepuluh angka ke 0");
    REFUSED((bought_at(&w.receipt), w.counters.released_by_slot_rupiah[3] = -1), decide(&w, w.auction), LOYALTY_OUT_OF_RANGE, "counters.released_by_slot[3]", "negative", "negatif");
    REFUSED((bought_at(&w.receipt), w.counters.day_year = 2025, w.counters.day_month = 3, w.counters.day_day = 2), decide(&w, w.auction), LOYALTY_OUT_OF_ORDER, "counters.day", "later day", "lebih akhir");

    /* A reversal. */
    REFUSED(w.reversal.rate_bp = -1, reverse(&w), LOYALTY_OUT_OF_RANGE, "reversal.rate_bp", "basis points", "basis poin");
    REFUSED(w.reversal.base_rupiah = INT64_MAX, reverse(&w), LOYALTY_OUT_OF_RANGE, "reversal.base", "outside", "di luar");
    REFUSED(w.reversal.base_rupiah = -1, reverse(&w), LOYALTY_OUT_OF_RANGE, "reversal.base", "negative", "negatif");
    REFUSED(w.reversal.total_rupiah = 999, reverse(&w), LOYALTY_BAD_CONFIG, "reversal.total", "set total_rupiah to base_rupiah or more", "setel total_rupiah");
    REFUSED(w.reversal.issued_rupiah = 36, reverse(&w), LOYALTY_OUT_OF_RANGE, "reversal.issued", "-1 for the whole value", "-1 untuk seluruh nilai");
    REFUSED(w.reversal.quota_rupiah = -1, reverse(&w), LOYALTY_OUT_OF_RANGE, "reversal.quota", "negative", "negatif");
    REFUSED(w.reversal.standby_bp = 10001, reverse(&w), LOYALTY_OUT_OF_RANGE, "reversal.standby_bp", "basis points", "basis poin");
    REFUSED(w.reversal.rounding_unit = 7, reverse(&w), LOYALTY_BAD_CONFIG, "reversal.rounding_unit", "1, 10, 50", "1, 10, 50");
    REFUSED(w.reversal.rounding_mode = 9, reverse(&w), LOYALTY_BAD_CHOICE, "reversal.rounding_mode", "constant", "konstanta");
    REFUSED(w.reversal.refunded_before_rupiah = -1, reverse(&w), LOYALTY_OUT_OF_RANGE, "reversal.refunded_before", "negative", "negatif");
    REFUSED(w.reversal.refunded_before_rupiah = 1001, reverse(&w), LOYALTY_OVER_REFUND, "reversal.refunded_before", "rest", "sisanya");
    REFUSED(w.reversal.refund_rupiah = -1, reverse(&w), LOYALTY_OUT_OF_RANGE, "reversal.refund", "negative", "negatif");
    REFUSED(w.reversal.refund_rupiah = 1001, reverse(&w), LOYALTY_OVER_REFUND, "reversal.refund", "rest", "sisanya");

    /* Splits and columns. */
    REFUSED((void)0, loyalty_split_shares(1, NULL, 0, NULL, &w.error), LOYALTY_BAD_SHARES, "shares_bp", "one party or more", "satu pihak atau lebih");
    REFUSED((void)0, loyalty_split_weights(1, many, 65, parts, &w.error), LOYALTY_BAD_SHARES, "weights", "LOYALTY_MAX_PARTIES", "LOYALTY_MAX_PARTIES");
    REFUSED((void)0, loyalty_split_weights(1, none, 2, parts, &w.error), LOYALTY_BAD_SHARES, "weights", "above zero", "di atas nol");
    REFUSED((void)0, loyalty_split_shares(1, off, 2, parts, &w.error), LOYALTY_BAD_SHARES, "shares_bp", "10,000", "10.000");
    REFUSED((void)0, loyalty_split_shares(1, above, 2, parts, &w.error), LOYALTY_BAD_SHARES, "shares_bp[0]", "10,000", "10.000");
    REFUSED((void)0, loyalty_split_shares(INT64_MAX, off, 2, parts, &w.error), LOYALTY_OUT_OF_RANGE, "amount", "outside", "di luar");
    REFUSED((void)0, of_columns(&w, w.stopwatch, 1000, 10, 0), LOYALTY_OUT_OF_RANGE, "rows[0].receipt.digit", "-1 where it is not played", "-1 bila belum");
    REFUSED((void)0, of_columns(&w, w.auction, 1000, -1, 0), LOYALTY_OUT_OF_RANGE, "rows[0].receipt.slot", "set it in column", "setel di column");
    REFUSED((void)0, of_columns(&w, w.auction, -1, 1, 0), LOYALTY_OUT_OF_RANGE, "rows[0].receipt.total", "negative", "negatif");
    REFUSED((void)0, of_columns(&w, w.auction, INT64_MAX, 1, 0), LOYALTY_OUT_OF_RANGE, "rows[0].receipt.total", "outside", "di luar");
    REFUSED((void)0, of_columns(&w, w.auction, 1, 1, -1), LOYALTY_OUT_OF_RANGE, "rows[0].shopper.prior_points_milli", "negative", "negatif");
    REFUSED((void)0, of_columns(&w, w.auction, 1, 1, INT64_MAX), LOYALTY_OUT_OF_RANGE, "rows[0].shopper.prior_points_milli", "outside", "di luar");

    /* A countdown whose difference leaves the domain is refused by the rules, not an error. */
    reset(&w);
    claim(&w.receipt);
    w.receipt.countdown_s = 9007199254740991;
    CHECK(decide(&w, w.stopwatch) == LOYALTY_OK && w.award.reason == LOYALTY_REASON_CLAIM_REFUSED);
    CHECK(w.award.claim == LOYALTY_CLAIM_COUNTDOWN_OUT_OF_RANGE && w.award.claim_digit == -1 && w.award.claim_difference_ms == 0);

    /* An error struct without its size gets no text, so nothing but the status tells it. */
    reset(&w);
    w.error.struct_size = 0;
    w.receipt.total_rupiah = -1;
    CHECK(decide(&w, w.stopwatch) == LOYALTY_BAD_STRUCT_SIZE && w.error.status == 0 && w.error.path[0] == '\0');
    loyalty_program_free(w.stopwatch);
    loyalty_program_free(w.auction);
    loyalty_program_free(w.open);
    loyalty_program_free(w.hardened);
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
    words_of_structs();
    loyalty_program_free(program);
    printf("%d checks at the boundary, %d failed\n", cases, failures);
    return failures != 0;
}
