/* Waiting for a condition with a deadline: tests never sleep a fixed time. */
import { setTimeout as pause } from 'node:timers/promises';

/** Calls `condition` until it returns something true, and returns that. `what` ends the error's sentence. */
export async function until(condition, { within = 30_000, every = 20, what = 'the condition to hold' } = {}) {
    const end = Date.now() + within;
    let last;
    for (;;) {
        try {
            const value = await condition();
            if (value)
                return value;
            last = undefined;
        } catch (error) {
            last = error;
        }
        if (Date.now() >= end)
            throw new Error(`Waited ${within} ms in vain for ${what}.`, last ? { cause: last } : undefined);
        await pause(every);
    }
}
