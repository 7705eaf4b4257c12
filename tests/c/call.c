/*
 * Answers operations through the library. In: a line "<bytes of the name> <bytes of the request>", then the name, the
 * request and a line feed, again and again. Out: the length of the answer, a line feed, the answer, a line feed.
 * Each request is answered twice, by loyalty_call and by loyalty_call_into, and both must be equal.
 */
#include <loyalty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#endif

static int into_agrees(const char *name, const char *request, size_t len, const char *answer, size_t answer_len, int32_t status) {
    size_t needed = 0;
    char *buffer = malloc(answer_len + 1);
    int agrees;
    if (buffer == NULL)
        return 0;
    buffer[answer_len] = '#';
    agrees = loyalty_call_into(name, request, len, buffer, answer_len, &needed) == status && needed == answer_len &&
             memcmp(buffer, answer, answer_len) == 0 && buffer[answer_len] == '#';
    if (agrees && answer_len > 0) {
        memset(buffer, '#', answer_len);
        needed = 0;
        agrees = loyalty_call_into(name, request, len, buffer, answer_len - 1, &needed) == LOYALTY_BUFFER_TOO_SMALL &&
                 needed == answer_len && buffer[0] == '#' && buffer[answer_len - 1] == '#';
    }
    free(buffer);
    return agrees;
}

int main(void) {
    unsigned long name_len, len;
#ifdef _WIN32
    /* Bytes go through as they are. */
    _setmode(_fileno(stdin), _O_BINARY);
    _setmode(_fileno(stdout), _O_BINARY);
#endif
    while (scanf("%lu %lu", &name_len, &len) == 2) {
        char *name = malloc(name_len + 1), *request = malloc(len + 1), *answer = NULL;
        size_t answer_len = 0;
        int32_t status;
        if (name == NULL || request == NULL || getchar() != '\n' || fread(name, 1, name_len, stdin) != name_len ||
            fread(request, 1, len, stdin) != len || getchar() != '\n') {
            fprintf(stderr, "the input ends inside a request\n");
            return 2;
        }
        name[name_len] = '\0';
        status = loyalty_call(name, request, len, &answer, &answer_len);
        if (answer == NULL || answer[answer_len] != '\0' || (status == LOYALTY_OK) != (strncmp(answer, "{\"error\":", 9) != 0)) {
            fprintf(stderr, "%s: status %d does not fit the answer\n", name, (int)status);
            return 1;
        }
        if (!into_agrees(name, request, len, answer, answer_len, status)) {
            fprintf(stderr, "%s: loyalty_call_into answers otherwise\n", name);
            return 1;
        }
        printf("%lu\n%s\n", (unsigned long)answer_len, answer);
        if (fflush(stdout) != 0)
            return 2;
        loyalty_free(answer);
        free(request);
        free(name);
    }
    return 0;
}
