/* Eight threads on one program: each must see what one thread sees. */
#include <loyalty.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#ifndef ROUNDS
#define ROUNDS 20000
#endif

enum { THREADS = 8 };

static LoyaltyProgram *program;

static int64_t work(void) {
    int64_t sum = 0;
    int i;
    for (i = 0; i < ROUNDS; i++) {
        LoyaltyReceipt receipt = {sizeof receipt, LOYALTY_PLAY_DIGIT};
        LoyaltyAward award = {sizeof award};
        LoyaltyError error = {sizeof error};
        receipt.total_rupiah = 150000 + i * 37;
        receipt.column = i % 11;
        if (loyalty_award_decide(program, &receipt, NULL, NULL, NULL, &award, &error) == LOYALTY_OK)
            sum += award.value_rupiah;
        else
            sum += error.status;
        if (i % 100 == 0) {
            char *answer = NULL;
            size_t len = 0;
            sum += loyalty_call("rate.parse", "{\"text\":\"3.5%\"}", 15, &answer, &len);
            sum += (int64_t)len;
            loyalty_free(answer);
        }
    }
    return sum;
}

static void *run(void *sum) {
    *(int64_t *)sum = work();
    return NULL;
}

int main(void) {
    static const char document[] = "{\"mechanism\":\"stopwatch\",\"margin_class\":\"below_15\",\"tier\":\"plus\",\"quota\":200000}";
    pthread_t threads[THREADS];
    int64_t sums[THREADS], alone;
    int i, wrong = 0;
    if (loyalty_program_from_json(document, sizeof document - 1, &program, NULL) != LOYALTY_OK)
        return 1;
    alone = work();
    for (i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, run, &sums[i]) != 0)
            return 2;
    for (i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        wrong += sums[i] != alone;
    }
    loyalty_program_free(program);
    printf("%d threads, %d of them summed otherwise than one alone\n", THREADS, wrong);
    return wrong != 0;
}
