/* Claims more bytes than it has: no library can know, the tools must see it. */
#include <loyalty.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
    LoyaltyProgram *program = NULL;
    char *document = malloc(8);
    if (document == NULL)
        return 2;
    memset(document, ' ', 8);
    loyalty_program_from_json(document, 64, &program, NULL);
    free(document);
    return 0;
}
