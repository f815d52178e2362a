// What an arrival means to a reader of a whole stream. Pure.
//
// A reader has one number, its position: every message up to it was handed to the application, or
// reported as lost. One rule makes duplicates, losses and disorder harmless: a message is handed on
// only when it is the next one. Anything later is a gap, and a gap is fetched from the stream.

/** @typedef {{first: number, last: number}} Range Sequences, both ends included. */

/**
 * Say what to do with an arrival.
 * @param {number} position
 * @param {number} sequence
 * @returns {"deliver" | "duplicate" | "gap"}
 */
export function judge(position, sequence) {
  if (sequence <= position) return "duplicate";
  return sequence === position + 1 ? "deliver" : "gap";
}

/**
 * Return what lies between the position and the next message that the stream itself handed out: a
 * stream that hands out a later message than the next one holds none between them.
 * @param {number} position
 * @param {number} sequence
 * @returns {Range | null}
 */
export function lostBefore(position, sequence) {
  return sequence > position + 1 ? { first: position + 1, last: sequence - 1 } : null;
}

/**
 * Return how many replies of one batch came before the first that did not arrive. Each names the
 * one that was sent before it in the same batch, the first one 0.
 * @param {readonly {sequence: number, follows: number}[]} replies
 */
export function countUnbroken(replies) {
  let before = 0;
  for (const [count, reply] of replies.entries()) {
    if (reply.follows !== before) return count;
    before = reply.sequence;
  }
  return replies.length;
}

/**
 * Return where reading begins: after what the application has dealt with, or at the stream's end
 * for null. 0 means everything that the stream still holds.
 * @param {number | null} after
 * @param {{first: number, last: number}} shape
 */
export function startingPosition(after, shape) {
  if (after === null) return shape.last;
  return after === 0 ? shape.first - 1 : after;
}
