// Waits, in milliseconds, and bounds: those of the Python client, which suit thousands of readers.

/** @typedef {typeof DEFAULTS} Timing */

export const DEFAULTS = {
  /** One attempt to connect. */
  connectTimeout: 5_000,
  /** All attempts of the first connection together. */
  connectWithin: 30_000,
  /** A move begins at a random moment in this time, so that a drain is no stampede. */
  moveWithin: 5_000,
  /** How often another server is sought before a client stays where it is asked to leave. */
  moveAttempts: 20,
  /** How long both connections are kept in a move. */
  settle: 2_000,
  /** Reconnecting: jittered waits up to `first`, doubling up to `most`. */
  backoff: { first: 1_000, most: 5_000 },
  /** A quiet reader asks the stream whether it missed the last message: after this, then rarer. */
  idleCheck: 5_000,
  idleCheckMost: 60_000,
  /** Two unanswered pings and the connection counts as lost. */
  pingEvery: 10_000,
  requestTimeout: 3_000,
};
