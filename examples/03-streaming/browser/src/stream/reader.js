// Reads a stream as it is repeated live, and fetches from the stream what did not come.

import { readArrival } from "./arrival.js";
import { ArrivalBuffer } from "./buffer.js";
import { StreamWentBackError, TryAgainError } from "./errors.js";
import { judge, lostBefore, startingPosition } from "./sequence.js";

/** @typedef {import("./arrival.js").Message} Message */
/** @typedef {import("./connection.js").Connection} Connection */
/** @typedef {import("./link.js").Link} Link */
/** @typedef {import("./live-subject.js").StreamShape} StreamShape */
/** @typedef {import("./sequence.js").Range} Range */
/** @typedef {import("./stored.js").StoredStream} StoredStream */

/**
 * So often in a row, and so far apart, a stream must seem shorter than what was read before that is
 * believed: a new leader catches up.
 */
const LOOKS_BELIEVED = 3;
const LOOKS_APART = 1_000;
/** After so many unanswered questions the leader is asked whether the stream exists at all. */
const FAILURES_EXAMINED = 5;

/** One iteration over a stream; the rider of its connection. */
export class Reader {
  #connection;
  #stored;
  #subjects;
  #onLost;
  #buffer = new ArrivalBuffer();
  /** @type {WeakMap<Link, number>} */
  #joined = new WeakMap();
  #position = 0;
  #hasBegun = false;
  #quiet = 0;
  #seenShorter = 0;
  #seenShorterAt = -Infinity;

  /**
   * @param {Connection} connection
   * @param {StoredStream} stored
   * @param {readonly string[]} subjects
   * @param {(lost: Range) => void} onLost
   */
  constructor(connection, stored, subjects, onLost) {
    this.#connection = connection;
    this.#stored = stored;
    this.#subjects = subjects;
    this.#onLost = onLost;
  }

  /** Up to here every message was handed on, or reported as lost; null before reading begins. */
  get position() {
    return this.#hasBegun ? this.#position : null;
  }

  /**
   * Subscribe on a new connection; what came meanwhile is looked for.
   * @param {Link} link
   */
  async join(link) {
    const taken = this.#joined.get(link) ?? 0;
    for (const [place, subject] of [...this.#subjects.entries()].slice(taken)) {
      await link.subscribe(subject, (message) => this.#hear(message));
      this.#joined.set(link, place + 1); // one that failed is asked for again
    }
    this.#buffer.doubt();
  }

  /** Look whether anything was missed. */
  wake() {
    this.#buffer.doubt();
  }

  /**
   * Yield every message once, in order; see StreamClient.messages.
   * @param {number | null} after
   * @returns {AsyncGenerator<Message, void, undefined>}
   */
  async *messages(after) {
    await this.#connection.carry(this);
    const shape = await patiently(this.#connection, this.#stored, () => this.#stored.describe());
    this.#position = startingPosition(after, shape);
    this.#hasBegun = true;
    this.#report(lostBefore(this.#position, shape.first));
    for (;;) {
      const arrival = await this.#next();
      const needed = arrival === null ? await this.#look() : this.#neededBefore(arrival.sequence);
      if (needed > this.#position) {
        this.#quiet = 0; // it is not quiet: what is published does not come
        yield* this.#fetchUpTo(needed);
      }
      if (arrival === null) continue;
      if (arrival.sequence > this.#position) yield this.#handOn(arrival.message);
      else this.#connection.counters.duplicates += 1;
    }
  }

  /** @param {import("./link.js").Msg} message */
  #hear(message) {
    const arrival = readArrival(this.#stored.name, message);
    if (arrival === null) this.#buffer.doubt(); // the stream knows what is real
    else if (arrival.sequence <= this.#position) this.#connection.counters.duplicates += 1;
    else if (!this.#buffer.put(arrival)) this.#connection.counters.overflows += 1;
  }

  /** Return the next arrival, or null when it is time to look at the stream. */
  async #next() {
    const { idleCheck, idleCheckMost } = this.#connection.timing;
    const usual = Math.min(idleCheck * 2 ** this.#quiet, idleCheckMost);
    const idle = this.#seenShorter > 0 ? LOOKS_APART * 1.5 : usual;
    const arrival = await this.#buffer.get(idle * (0.75 + Math.random() / 2));
    this.#connection.check();
    this.#quiet = arrival === null ? Math.min(this.#quiet + 1, 10) : 0;
    return arrival;
  }

  /**
   * Return up to where the stream must be read before an arrival's turn comes.
   * @param {number} sequence
   */
  #neededBefore(sequence) {
    if (judge(this.#position, sequence) !== "gap") return 0;
    this.#connection.counters.gaps += 1;
    return sequence - 1;
  }

  /** Ask the stream what its last message is; it may be one that never came. */
  async #look() {
    const newest = await this.#patiently(() => this.#stored.newest());
    if (newest !== null && newest >= this.#position) return newest;
    const shape = await this.#patiently(() => this.#stored.describe());
    if (this.#reaches(shape)) return Math.max(newest ?? 0, shape.last);
    this.#quiet = 0;
    return 0;
  }

  /**
   * Yield what the stream holds after our place, at least up to a sequence.
   * @param {number} needed
   * @returns {AsyncGenerator<Message, void, undefined>}
   */
  async *#fetchUpTo(needed) {
    for (let attempt = 0; this.#position < needed; ) {
      const batch = await this.#patiently(() => this.#stored.after(this.#position));
      for (const message of batch.messages) {
        if (message.sequence <= this.#position) continue;
        this.#report(lostBefore(this.#position, message.sequence));
        this.#connection.counters.refetched += 1;
        yield this.#handOn(message);
      }
      if (this.#position >= needed || batch.hasMore) continue;
      if (await this.#isGone(needed)) {
        this.#report({ first: this.#position + 1, last: needed });
      } else {
        await this.#connection.pause(attempt); // that replica lags behind
        attempt += 1;
      }
    }
  }

  /**
   * Ask the leader whether nothing is held between our place and a sequence.
   * @param {number} needed
   */
  async #isGone(needed) {
    const held = await this.#patiently(() => this.#stored.nextAtLeader(this.#position));
    if (held !== null) return held > needed;
    const shape = await this.#patiently(() => this.#stored.describe());
    return this.#reaches(shape) && shape.last >= needed;
  }

  /**
   * Return whether the stream reaches this place; StreamWentBackError if it stays shorter.
   * @param {StreamShape} shape
   */
  #reaches(shape) {
    if (shape.last >= this.#position) {
      this.#seenShorter = 0;
      return true;
    }
    if (performance.now() - this.#seenShorterAt >= LOOKS_APART) {
      this.#seenShorterAt = performance.now();
      this.#seenShorter += 1;
    }
    if (this.#seenShorter >= LOOKS_BELIEVED) {
      throw new StreamWentBackError(
        `stream “${shape.name}” ends at ${shape.last}, but ${this.#position} was read before: it was` +
          " made anew or lost its disk. Connect again to read it from its beginning",
      );
    }
    return false;
  }

  /** @param {Message} message */
  #handOn(message) {
    this.#position = message.sequence;
    this.#connection.counters.delivered += 1;
    return message;
  }

  /**
   * Tell the application what it will never get; go on after it.
   * @param {Range | null} lost
   */
  #report(lost) {
    if (lost === null) return;
    this.#position = lost.last;
    this.#connection.counters.lost += lost.last - lost.first + 1;
    this.#onLost(lost);
  }

  /**
   * @template T
   * @param {() => Promise<T>} ask
   */
  #patiently(ask) {
    return patiently(this.#connection, this.#stored, ask);
  }
}

/**
 * Return an answer, asking until there is one; failures that stay are thrown.
 * @template T
 * @param {Connection} connection
 * @param {StoredStream} stored
 * @param {() => Promise<T>} ask
 * @returns {Promise<T>}
 */
export async function patiently(connection, stored, ask) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      if (attempt > 0 && attempt % FAILURES_EXAMINED === 0) await stored.describe();
      const answer = await ask();
      if (attempt > 0) connection.note(0, "");
      return answer;
    } catch (error) {
      if (!(error instanceof TryAgainError)) throw error;
      connection.note(attempt + 1, error.message);
    }
    await connection.pause(attempt);
  }
}
