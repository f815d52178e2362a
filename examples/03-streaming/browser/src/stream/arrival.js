// Reads a message of a stream, which bears its place there in its headers. Pure.

const STREAM = "Nats-Stream";
const SUBJECT = "Nats-Subject";
const SEQUENCE = "Nats-Sequence";
const LAST_SEQUENCE = "Nats-Last-Sequence";
const TIME = "Nats-Time-Stamp";

/**
 * @typedef {object} Message What the application gets.
 * @property {number} sequence Its place in the stream, from 1.
 * @property {string} subject Under which it was published.
 * @property {number} time When it was stored, in milliseconds since 1970; NaN if the server did not say.
 * @property {Uint8Array} data
 */

/**
 * @typedef {object} Arrival
 * @property {Message} message
 * @property {number} sequence
 * @property {number} follows Of a batch, the sequence sent before it.
 */

/** @typedef {{get(name: string): string}} Headers */

/**
 * Return a message of this stream; null for anything else, such as one that somebody else published.
 * @param {string} stream
 * @param {{subject: string, data: Uint8Array, headers?: Headers}} message
 * @returns {Arrival | null}
 */
export function readArrival(stream, { subject, data, headers }) {
  if (headers === undefined || headers.get(STREAM) !== stream) return null;
  const sequence = readNumber(headers.get(SEQUENCE));
  const follows = readNumber(headers.get(LAST_SEQUENCE) || "0");
  if (sequence === null || follows === null || sequence < 1) return null;
  const time = Date.parse(headers.get(TIME));
  const message = { sequence, subject: headers.get(SUBJECT) || subject, time, data };
  return { message, sequence, follows };
}

/**
 * @param {string} text
 * @returns {number | null}
 */
function readNumber(text) {
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}
