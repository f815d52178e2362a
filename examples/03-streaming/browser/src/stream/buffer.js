// The bounded queue between a connection and an application that may be slow.

import { Signal, firstOf } from "./signal.js";

/** @typedef {import("./arrival.js").Arrival} Arrival */

const MOST_MESSAGES = 1024;
const MOST_BYTES = 8 << 20;
/** About what a message costs beside its data. */
const OVERHEAD_BYTES = 512;

/**
 * Arrivals that wait for the application, bounded in number and bytes.
 *
 * What does not fit is dropped and remembered as a doubt: the stream has it. That is how a slow
 * reader costs neither memory nor messages.
 */
export class ArrivalBuffer {
  /** @type {Arrival[]} */
  #waiting = [];
  #taken = 0;
  #bytes = 0;
  #isInDoubt = false;
  #news = new Signal();

  /**
   * Keep an arrival; false if there was no room.
   * @param {Arrival} arrival
   */
  put(arrival) {
    const count = this.#waiting.length - this.#taken;
    const size = arrival.message.data.length + OVERHEAD_BYTES;
    if (count >= MOST_MESSAGES || (count > 0 && this.#bytes + size > MOST_BYTES)) {
      this.doubt();
      return false;
    }
    this.#waiting.push(arrival);
    this.#bytes += size;
    this.#news.set();
    return true;
  }

  /** Note that messages may have been missed; wakes the reader. */
  doubt() {
    this.#isInDoubt = true;
    this.#news.set();
  }

  /**
   * Return the next arrival; null after that time, or at once when only a doubt is left, which is
   * then forgotten.
   * @param {number} milliseconds
   */
  async get(milliseconds) {
    if (this.#isEmpty() && !this.#isInDoubt) {
      this.#news.clear();
      await firstOf([this.#news], milliseconds);
    }
    if (this.#isEmpty()) {
      this.#isInDoubt = false;
      return null;
    }
    return this.#take();
  }

  #isEmpty() {
    return this.#taken === this.#waiting.length;
  }

  #take() {
    const arrival = /** @type {Arrival} */ (this.#waiting[this.#taken]);
    this.#taken += 1;
    this.#bytes -= arrival.message.data.length + OVERHEAD_BYTES;
    if (this.#taken === this.#waiting.length || this.#taken === MOST_MESSAGES) {
      this.#waiting.splice(0, this.#taken);
      this.#taken = 0;
    }
    return arrival;
  }
}
