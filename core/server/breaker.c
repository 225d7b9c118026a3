#include "server/breaker.h"

bool breaker_allows(struct breaker *breaker, int64_t now)
{
    if (breaker->state == BREAKER_CLOSED)
        return true;
    if (breaker->state == BREAKER_TRYING || now < breaker->until)
        return false;
    breaker->state = BREAKER_TRYING;
    return true;
}

bool breaker_succeeded(struct breaker *breaker)
{
    /* A call begun before it opened proves nothing about the next one. */
    if (breaker->state != BREAKER_TRYING)
        return false;
    *breaker = (struct breaker){ .state = BREAKER_CLOSED };
    return true;
}

void breaker_open(struct breaker *breaker, int64_t now)
{
    int64_t twice = breaker->back_off * 2;
    breaker->back_off = breaker->back_off == 0 ? BREAKER_FIRST
                        : twice < BREAKER_LAST ? twice
                                               : BREAKER_LAST;
    breaker->state = BREAKER_OPEN;
    breaker->until = now + breaker->back_off;
    breaker->misses = 0;
    breaker->window = 0;
}

bool breaker_missed(struct breaker *breaker, int64_t now)
{
    if (breaker->state == BREAKER_OPEN)
        return false;
    if (breaker->state == BREAKER_TRYING) {
        breaker_open(breaker, now);
        return true;
    }
    if (breaker->misses == 0 || now - breaker->window > BREAKER_WINDOW) {
        breaker->window = now;
        breaker->misses = 0;
    }
    if (++breaker->misses < BREAKER_MISSES)
        return false;
    breaker_open(breaker, now);
    return true;
}

void breaker_untried(struct breaker *breaker, int64_t now)
{
    if (breaker->state != BREAKER_TRYING)
        return;
    breaker->state = BREAKER_OPEN;
    breaker->until = now;
}

int64_t breaker_wait(const struct breaker *breaker, int64_t now)
{
    return breaker->state == BREAKER_OPEN && breaker->until > now ? breaker->until - now : 0;
}
