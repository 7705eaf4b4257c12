/*
 * till.c: a till that gives vouchers, offline, and may be killed at any moment.
 *
 *     till PROGRAM.json STATE.txt < lines
 *
 *     sale RECEIPT TIME TOTAL PAID_BY_VOUCHER MEMBER_POINTS_MILLI DIGIT
 *     refund RECEIPT AMOUNT
 *
 * TIME is 2025-03-01T14:22:14+07:00; DIGIT the lucky digit of a stopwatch, - if it is not played yet and in a time
 * auction. What comes out is paper of 32 columns. The state is on the disk before the paper, so that no voucher is handed
 * out and then forgotten. A receipt that comes again is told and not rated twice; one whose stopwatch was not played is
 * rated when it comes with its digit. Selling days and slots do not go back.
 *
 * Numbers come from loyalty_award_decide, _quote and _reverse, words on paper from loyalty_call_into. C99, and of the
 * system only fsync. Purchases are not counted, so that a program for loyal shoppers takes everyone for new; the
 * guarantee fund is left out.
 */
#define _POSIX_C_SOURCE 200112L
#include <loyalty.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COLUMNS = 32, TEXT = 512, LARGEST = 1 << 20, MOST = 20000 };

/* What is kept of a receipt: its voucher, the terms of its day, and the refunds so far. */
enum { BASE, TOTAL, RATE, ISSUED, QUOTA, BELOW_QUOTA, STANDBY, UNIT, MODE, REFUNDED, KEPT, NUMBERS };
typedef struct Sold {
    char id[41];
    int64_t number[NUMBERS];
} Sold;

static LoyaltyProgram *program;
static char document[2 * LARGEST]; /* {"program":… without the closing brace, in canonical form */
static int is_auction;

/* The state, and the file that keeps it. */
static LoyaltyCounters counters = { .struct_size = sizeof counters };
static Sold sold[MOST];
static size_t sold_count;
static const char *state;

static LoyaltyError error = { .struct_size = sizeof error };

static void fail(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

/* Words in lines of at most 32 columns; of a UTF-8 character only the first byte takes a column. */
static void wrap(const char *words) {
    size_t column = 0;
    while (*words != '\0') {
        size_t length = strcspn(words, " "), wide = 0;
        for (size_t i = 0; i < length; i++)
            wide += ((unsigned char)words[i] & 0xC0) != 0x80;
        int fits = column + 1 + wide <= COLUMNS;
        if (column > 0)
            putchar(fits ? ' ' : '\n');
        printf("%.*s", (int)length, words);
        column = wide + (column > 0 && fits ? column + 1 : 0);
        words += length + strspn(words + length, " ");
    }
    putchar('\n');
}

/* A label at the left and a number at the right. */
static void row(const char *label, const char *number) { printf("%s %*s\n", label, COLUMNS - 1 - (int)strlen(label), number); }

static int refused(const char *path, const char *message) {
    char words[2 * TEXT];
    snprintf(words, sizeof words, "Ditolak %s: %s", path, message);
    wrap(words);
    return 1;
}

static char request[3 * LARGEST], answer[3 * LARGEST];

/* Where a value stands. The library writes no blanks, so "key": is found nowhere but at a key. */
static const char *value_of(const char *json, const char *key) {
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\":", key);
    const char *found = strstr(json, quoted);
    return found == NULL ? "" : found + strlen(quoted);
}

/* Copies a JSON string and tells where it ends. */
static const char *text(const char *json, char copy[TEXT]) {
    for (json++; *json != '"'; json++) {
        json += *json == '\\';
        *copy++ = *json;
    }
    *copy = '\0';
    return json + 1;
}

/* Answers `request`; a refusal is told. */
static int ask(const char *op) {
    size_t length;
    int32_t status = loyalty_call_into(op, request, strlen(request), answer, sizeof answer - 1, &length);
    if (status >= LOYALTY_NULL_POINTER)
        fail(op, "was not called as loyalty.h says");
    answer[length] = '\0';
    if (status != LOYALTY_OK) {
        char path[TEXT], message[TEXT];
        text(value_of(answer, "path"), path);
        text(value_of(answer, "id"), message);
        refused(path, message);
    }
    return status == LOYALTY_OK;
}

static void rupiah_row(const char *label, int64_t rupiah) {
    char words[TEXT];
    snprintf(request, sizeof request, "{\"value\":%" PRId64 "}", rupiah);
    if (ask("text.rupiah"))
        text(value_of(answer, "text"), words), row(label, words);
}

/* A line without its end; 0 after the last. One that is too long or holds a NUL comes as "?". */
static int read_line(char line[TEXT]) {
    size_t length = 0;
    int c, is_bad = 0;
    while ((c = getchar()) != EOF && c != '\n') {
        is_bad |= c == '\0' || length + 1 == TEXT;
        if (!is_bad)
            line[length++] = (char)c;
    }
    strcpy(line + (is_bad ? 0 : length), is_bad ? "?" : "");
    return c != EOF || length > 0 || is_bad;
}

/* A whole number of at most 18 digits. */
static int is_number(const char *word, int64_t *value) {
    const char *digits = word + (*word == '-');
    size_t length = strspn(digits, "0123456789");
    *value = strtoll(word, NULL, 10);
    return length >= 1 && length <= 18 && digits[length] == '\0';
}

/* Whether a word is written like a time; that there is such a time is asked of the library. */
static int is_time(const char *word, LoyaltyTime *it) {
    unsigned hours = 0, minutes = 0;
    char sign = '?', again[TEXT];
    *it = (LoyaltyTime){ .year = 0 };
    sscanf(word, "%4" SCNu16 "-%2" SCNu8 "-%2" SCNu8 "T%2" SCNu8 ":%2" SCNu8 ":%2" SCNu8 "%c%2u:%2u", &it->year, &it->month, &it->day,
           &it->hour, &it->minute, &it->second, &sign, &hours, &minutes);
    snprintf(again, sizeof again, "%04d-%02d-%02dT%02d:%02d:%02d%c%02u:%02u", it->year, it->month, it->day, it->hour, it->minute,
             it->second, sign, hours, minutes);
    it->offset_minutes = (int16_t)((sign == '-' ? -1 : 1) * (int)(hours * 60 + minutes));
    return (sign == '+' || sign == '-') && minutes < 60 && strcmp(word, again) == 0;
}

/* The place of a receipt; of one that is not known, the first free place. */
static Sold *find(const char *id) {
    size_t i = 0;
    while (i < sold_count && strcmp(sold[i].id, id) != 0)
        i++;
    if (i == MOST)
        fail(state, "is full");
    return &sold[i];
}

static void save(void) {
    char fresh[TEXT];
    snprintf(fresh, sizeof fresh, "%s.new", state);
    FILE *file = fopen(fresh, "w");
    if (file == NULL)
        fail(fresh, "cannot be written; nothing was given");
    fprintf(file, "counters %04d-%02d-%02d %" PRId64, counters.day_year, counters.day_month, counters.day_day,
            counters.released_today_rupiah);
    for (int slot = 0; slot < 10; slot++)
        fprintf(file, " %" PRId64 " %" PRId64, counters.awards_by_slot[slot], counters.released_by_slot_rupiah[slot]);
    putc('\n', file);
    for (const Sold *it = sold; it < sold + sold_count; it++) {
        fprintf(file, "sold %s", it->id);
        for (int i = 0; i < NUMBERS; i++)
            fprintf(file, " %" PRId64, it->number[i]);
        putc('\n', file);
    }
    /* On the disk before it takes the place of the old one, so that a power cut leaves one of the two. */
    int is_written = fflush(file) == 0 && fsync(fileno(file)) == 0;
    if (fclose(file) != 0 || !is_written || rename(fresh, state) != 0)
        fail(state, "cannot be written; nothing was given");
}

/* What `save` wrote; without a file everything stands at zero. */
static void load(void) {
    FILE *file = fopen(state, "r");
    if (file == NULL && errno == ENOENT)
        return;
    LoyaltyCounters *it = &counters;
    const char *form = "counters %4" SCNu16 "-%2" SCNu8 "-%2" SCNu8 "%" SCNd64;
    int is_read = file != NULL && fscanf(file, form, &it->day_year, &it->day_month, &it->day_day, &it->released_today_rupiah) == 4;
    for (int slot = 0; is_read && slot < 10; slot++)
        is_read = fscanf(file, "%" SCNd64 "%" SCNd64, &it->awards_by_slot[slot], &it->released_by_slot_rupiah[slot]) == 2;
    for (char id[41]; is_read && fscanf(file, " sold %40s", id) == 1;) {
        Sold *place = find(id);
        for (int i = 0; i < NUMBERS; i++)
            is_read &= fscanf(file, "%" SCNd64, &place->number[i]) == 1;
        strcpy(place->id, id), sold_count++;
    }
    if (!is_read || !feof(file))
        fail(state, "cannot be read");
    fclose(file);
}

/* What a refund must know: the quota and the standby rate by a quote for Rp1, the rest by the program. */
static void note_terms(LoyaltyReceipt receipt, const LoyaltyShopper *shopper, int64_t number[NUMBERS]) {
    static const char *const MODES[] = { "\"down\"", "\"up\"", "\"half_up\"", "\"half_even\"" };
    LoyaltyQuote quote = { .struct_size = sizeof quote };
    receipt.total_rupiah = 1;
    receipt.paid_by_voucher_rupiah = 0;
    if (loyalty_award_quote(program, &receipt, shopper, NULL, NULL, &quote, NULL) == LOYALTY_OK && quote.missing_rupiah > 0) {
        number[QUOTA] = quote.missing_rupiah + 1;
        number[STANDBY] = quote.now.rate_bp;
    }
    const char *rounding = value_of(document, "rounding");
    char terms[TEXT] = "";
    strncat(terms, rounding, strcspn(rounding, "}"));
    number[UNIT] = strtol(value_of(terms, "unit"), NULL, 10);
    for (int mode = LOYALTY_ROUND_DOWN; mode <= LOYALTY_ROUND_HALF_EVEN; mode++)
        if (strncmp(value_of(terms, "mode"), MODES[mode], strlen(MODES[mode])) == 0)
            number[MODE] = mode;
    if (strncmp(value_of(document, "below_quota"), "\"standby\"", 9) == 0)
        number[BELOW_QUOTA] = LOYALTY_BELOW_QUOTA_STANDBY;
}

static int day_of(const LoyaltyCounters *it) { return it->day_year * 10000 + it->day_month * 100 + it->day_day; }

/* Counters as the fields of a request. */
static void words_of(const LoyaltyCounters *it, char words[TEXT]) {
    int length = snprintf(words, TEXT, "\"released_today\":%" PRId64, it->released_today_rupiah);
    if (it->day_month != 0)
        length += snprintf(words + length, TEXT - (size_t)length, ",\"day\":\"%04d-%02d-%02d\"", it->day_year, it->day_month, it->day_day);
    const int64_t *const lists[] = { it->awards_by_slot, it->released_by_slot_rupiah };
    static const char *const NAMES[] = { "awards_by_slot", "released_by_slot" };
    for (int list = 0; is_auction && list < 2; list++) {
        length += snprintf(words + length, TEXT - (size_t)length, ",\"%s\":", NAMES[list]);
        for (int slot = 0; slot < 10; slot++)
            length += snprintf(words + length, TEXT - (size_t)length, "%c%" PRId64, slot == 0 ? '[' : ',', lists[list][slot]);
        length += snprintf(words + length, TEXT - (size_t)length, "]");
    }
}

/* The lines; each tells whether it could be read. */
static int sale(char *const word[], int count) {
    LoyaltyReceipt receipt = { .struct_size = sizeof receipt };
    LoyaltyShopper shopper = { .struct_size = sizeof shopper };
    LoyaltyAward award = { .struct_size = sizeof award };
    LoyaltyCounters before = { .struct_size = sizeof before };
    LoyaltyTime at;
    int64_t digit = 0;
    int32_t unused;
    char play[TEXT] = "", words[TEXT] = "";
    int is_played = count == 7 && strcmp(word[6], "-") != 0;
    if (count != 7 || strlen(word[1]) > 40 || !is_time(word[2], &at) || !is_number(word[3], &receipt.total_rupiah) ||
        !is_number(word[4], &receipt.paid_by_voucher_rupiah) || !is_number(word[5], &shopper.prior_points_milli) ||
        (is_played && (!is_number(word[6], &digit) || digit != (int32_t)digit)))
        return 0;
    printf("--------------------------------\nStruk %s\n", word[1]);
    Sold *it = find(word[1]);
    if (it < sold + sold_count) {
        puts("Sudah tercatat");
        rupiah_row("Voucher", it->number[KEPT]);
        rupiah_row("Dikembalikan", it->number[REFUNDED]);
        return 1;
    }
    if (loyalty_lucky_digit(&at, &unused, &error) != LOYALTY_OK)
        return refused("waktu", error.message_id);
    if (is_played) {
        receipt.play = LOYALTY_PLAY_DIGIT;
        receipt.column = (int32_t)digit;
        snprintf(play, sizeof play, ",\"digit\":%" PRId64, digit);
    } else if (is_auction) {
        receipt.play = LOYALTY_PLAY_AT;
        receipt.at = at;
        snprintf(play, sizeof play, ",\"at\":\"%s\"", word[2]);
    }
    /* The library starts a new day of a time auction; a receipt of the stopwatch does not tell it the date. */
    before.day_year = at.year, before.day_month = at.month, before.day_day = at.day;
    if (is_auction || day_of(&before) == day_of(&counters))
        before = counters;
    if (loyalty_award_decide(program, &receipt, &shopper, NULL, &before, &award, &error) != LOYALTY_OK)
        return refused(error.path, error.message_id);
    int days = day_of(&award.counters) - day_of(&counters);
    if (days < 0)
        return refused("waktu", "hari itu sudah lewat; periksa jam di mesin kasir");

    words_of(&before, words);
    snprintf(request, sizeof request,
             "%s,\"lang\":\"id\",\"receipt\":{\"total\":%" PRId64 ",\"paid_by_voucher\":%" PRId64 "%s},\"shopper\":{\"prior_points_milli\":"
             "%" PRId64 "},\"counters\":{%s}}",
             document, receipt.total_rupiah, receipt.paid_by_voucher_rupiah, play, shopper.prior_points_milli, words);
    if (!ask("award.explain"))
        return 1;
    counters = award.counters;
    if (award.reason != LOYALTY_REASON_PLAY_PENDING) {
        *it = (Sold){ .number = { [BASE] = award.base_rupiah, [TOTAL] = receipt.total_rupiah, [RATE] = award.rate_bp,
                                  [ISSUED] = award.value_rupiah, [KEPT] = award.value_rupiah } };
        note_terms(receipt, &shopper, it->number);
        strcpy(it->id, word[1]), sold_count++;
    }
    save();
    if (days > 0)
        printf("Hari baru %04d-%02d-%02d\n", counters.day_year, counters.day_month, counters.day_day);
    for (const char *place = value_of(answer, "slip"); *place != ']'; puts(words))
        place = text(place + 1, words);
    return 1;
}

static int refund(char *const word[], int count) {
    static const char *const CODES[] = { "", "kept", "fully_refunded", "below_quota_kept_rate", "below_quota_standby" };
    LoyaltyKept kept = { .struct_size = sizeof kept };
    int64_t rupiah;
    char words[TEXT];
    if (count != 3 || !is_number(word[2], &rupiah))
        return 0;
    printf("--------------------------------\nPengembalian %s\n", word[1]);
    Sold *it = find(word[1]);
    if (it == sold + sold_count)
        return refused("struk", "tidak tercatat; periksa nomornya");
    const int64_t *number = it->number;
    LoyaltyReversal reversal = {
        .struct_size = sizeof reversal, .rate_bp = (int32_t)number[RATE], .base_rupiah = number[BASE], .total_rupiah = number[TOTAL],
        .issued_rupiah = number[ISSUED], .quota_rupiah = number[QUOTA], .refunded_before_rupiah = number[REFUNDED],
        .refund_rupiah = rupiah, .below_quota = (int32_t)number[BELOW_QUOTA], .standby_bp = (int32_t)number[STANDBY],
        .rounding_unit = (int32_t)number[UNIT], .rounding_mode = (int32_t)number[MODE],
    };
    if (loyalty_award_reverse(&reversal, &kept, &error) != LOYALTY_OK)
        return refused(error.path, error.message_id);
    it->number[REFUNDED] += rupiah;
    it->number[KEPT] = kept.kept_rupiah;
    save();
    rupiah_row("Dikembalikan", rupiah);
    rupiah_row("Voucher ditarik", kept.taken_back_rupiah);
    rupiah_row("Sisa voucher", kept.kept_rupiah);
    snprintf(request, sizeof request, "{\"kind\":\"kept\",\"code\":\"%s\",\"lang\":\"id\"}", CODES[kept.reason]);
    if (ask("text.code"))
        text(value_of(answer, "text"), words), wrap(words);
    return 1;
}

/* Proves the program and takes its canonical form: what compiles it answers is what loads it asks. */
static void open_program(const char *path) {
    FILE *file = fopen(path, "rb");
    size_t size = file == NULL ? 0 : fread(document, 1, LARGEST, file);
    if (file == NULL || !feof(file) || fclose(file) != 0)
        fail(path, "cannot be read");
    if (loyalty_program_from_json(document, size, &program, &error) != LOYALTY_OK)
        refused(error.path, error.message_id), fail(path, error.message_en);
    snprintf(request, sizeof request, "{\"program\":%s}", document);
    if (!ask("program.compile") || strcpy(request, answer) == NULL || !ask("program.load"))
        fail(path, "is too large");
    snprintf(document, sizeof document, "%.*s", (int)strlen(answer) - 1, answer);
    is_auction = strncmp(value_of(document, "mechanism"), "\"time_auction\"", 14) == 0;
}

int main(int count, char *arguments[]) {
    if (count != 3 || strlen(arguments[2]) > TEXT - 8)
        fail("usage", "till PROGRAM.json STATE.txt < lines");
    state = arguments[2];
    open_program(arguments[1]);
    load();
    char line[TEXT];
    for (long number = 1; read_line(line); number++) {
        char *word[7] = { "" };
        int words = 0;
        for (char *next = strtok(line, " \t\r\v\f"); next != NULL; next = strtok(NULL, " \t\r\v\f"), words++)
            if (words < 7)
                word[words] = next;
        int is_sale = strcmp(word[0], "sale") == 0, is_comment = words == 0 || word[0][0] == '#';
        if (!is_comment && !(is_sale ? sale(word, words) : strcmp(word[0], "refund") == 0 && refund(word, words)))
            printf("Baris %ld tidak terbaca\n", number);
        fflush(stdout);
    }
    loyalty_program_free(program);
    return 0;
}
