// The streaming client for browsers that loses nothing. The contract is docs/explanation/zero-loss.md;
// the client for Python, headgate.stream, keeps the same.

import { Connection } from "./connection.js";
import { NotLiveError } from "./errors.js";
import { liveSubjects } from "./live-subject.js";
import { Reader, patiently } from "./reader.js";
import { StoredStream } from "./stored.js";
import { DEFAULTS } from "./timing.js";

/** @typedef {import("./arrival.js").Message} Message */
/** @typedef {import("./connection.js").Status} Status */
/** @typedef {import("./sequence.js").Range} Range */
/** @typedef {import("./timing.js").Timing} Timing */

/**
 * @typedef {object} Options
 * @property {readonly string[]} servers `ws://` or `wss://`; one suffices when it is a Service's.
 * @property {string} user
 * @property {string} password
 * @property {string} [name] What the server shows for this connection.
 * @property {(status: Status) => void} [onStatus] Called at each change.
 * @property {Partial<Timing>} [timing]
 */

/** Reads one stream, every message once and in order, whatever its servers do. */
export class StreamClient {
  #connection;
  /** @type {Reader | null} */
  #reader = null;

  /** @param {Options} options */
  constructor({ servers, user, password, name = "headgate-browser", onStatus, timing }) {
    const access = { servers, user, password, name };
    const tell = onStatus ?? (() => undefined);
    this.#connection = new Connection(access, { ...DEFAULTS, ...timing }, tell);
  }

  /** What happened so far; the numbers only rise. */
  get counters() {
    return this.#connection.counters;
  }

  /** Where the connection is now. */
  get status() {
    return this.#connection.status;
  }

  /** Up to here every message was handed on, or reported as lost; null before reading begins. */
  get position() {
    return this.#reader?.position ?? null;
  }

  /**
   * Connect, and yield the messages of a stream, in its order, for as long as the client is open.
   *
   * `after` is the last sequence that the application has dealt with: 0 for everything that is held,
   * null for what is published from now on. What the stream let go of before it could be read is
   * reported to `onLost`. What cannot be mended is thrown as a StreamError, and closes the client.
   * @param {string} stream
   * @param {number | null} after
   * @param {(lost: Range) => void} onLost
   * @returns {AsyncGenerator<Message, void, undefined>}
   */
  async *messages(stream, after, onLost) {
    try {
      await this.#connection.open();
      const stored = new StoredStream(this.#connection, stream);
      const shape = await patiently(this.#connection, stored, () => stored.describe());
      const subjects = liveSubjects(shape);
      if (subjects === null) {
        throw new NotLiveError(
          `stream “${stream}” is not repeated live as a whole (republish, allow_direct), as a` +
            " gateway's own streams are: read it with the Python client",
        );
      }
      this.#reader = new Reader(this.#connection, stored, subjects, onLost);
      yield* this.#reader.messages(after);
    } catch (error) {
      this.#connection.close(/** @type {Error} */ (error));
      throw error;
    } finally {
      this.close();
    }
  }

  /** Try to connect now instead of when the wait is over, as when the browser is online again. */
  hurry() {
    this.#connection.hurry.set();
  }

  /** Close the connection; an iteration that is under way ends with ClientClosedError. */
  close() {
    this.#connection.close();
  }
}
