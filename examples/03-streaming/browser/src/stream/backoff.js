// How long to wait before trying again. Pure: the caller brings the chance.
//
// Full jitter: the wait is drawn evenly from 0 to a bound that doubles, so that all who lost the
// same server come back spread out (M. Brooker, Exponential Backoff and Jitter, 2015).

/**
 * Return the milliseconds before an attempt, counted from 0; `chance` is in [0, 1).
 * @param {number} attempt
 * @param {{first: number, most: number}} bounds
 * @param {number} chance
 */
export function waitBefore(attempt, bounds, chance) {
  return Math.min(bounds.most, bounds.first * 2 ** Math.min(attempt, 30)) * chance;
}
