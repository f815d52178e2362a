// Reads what a stream holds, by its request subjects.
//
// Direct gets are answered by any replica, so that thousands of readers may ask at once; a replica
// may lag behind. Only what must be certain is asked of the stream's leader.

import { readArrival } from "./arrival.js";
import { StreamError, StreamNotFoundError, TryAgainError } from "./errors.js";
import { countUnbroken } from "./sequence.js";
import { Signal, firstOf } from "./signal.js";

/** @typedef {import("./arrival.js").Arrival} Arrival */
/** @typedef {import("./arrival.js").Message} Message */
/** @typedef {import("./connection.js").Connection} Connection */
/** @typedef {import("./link.js").Link} Link */
/** @typedef {import("./link.js").Msg} Msg */
/** @typedef {import("./live-subject.js").StreamShape} StreamShape */

const BATCH_MESSAGES = 256;
/** A quarter of what a gateway lets wait for one client before it counts as too slow. */
const BATCH_BYTES = 256 << 10;
const END_OF_BATCH = 204;
const NOT_FOUND = 404;
const NO_RESPONDERS = 503;
const ALL = ">";
const STREAM_NOT_FOUND = 10059;
const NO_MESSAGE_FOUND = 10037;
/** Codes from here on are, as in HTTP, not the asker's fault. */
const SERVERS_TROUBLE = 500;

/** Questions to one stream; each throws TryAgainError if nobody answers. */
export class StoredStream {
  #connection;

  /**
   * @param {Connection} connection
   * @param {string} name
   */
  constructor(connection, name) {
    this.#connection = connection;
    this.name = name;
  }

  /**
   * Ask the leader for the stream's configuration, and its first and last sequence.
   * @returns {Promise<StreamShape>}
   */
  async describe() {
    const { config, state } = await this.#askLeader("STREAM.INFO", {});
    return {
      name: this.name,
      subjects: config.subjects ?? [ALL],
      first: Math.max(state.first_seq, 1),
      last: state.last_seq,
      isDirect: config.allow_direct ?? false,
      repeatedFrom: config.republish?.src ?? "",
      repeatedTo: config.republish?.dest ?? "",
      isHeadersOnly: config.republish?.headers_only ?? false,
    };
  }

  /**
   * Ask the leader for the sequence of the next message that it holds after a position.
   * @param {number} position
   * @returns {Promise<number | null>}
   */
  async nextAtLeader(position) {
    const query = { seq: position + 1, next_by_subj: ALL };
    const { message } = await this.#askLeader("STREAM.MSG.GET", query);
    return message === undefined ? null : message.seq;
  }

  /** Ask any replica for the sequence of the last message that it holds. */
  async newest() {
    const link = await this.#connection.link();
    const subject = this.#directly();
    const reply = await link.request(subject, { last_by_subj: ALL }, this.#patience());
    if (statusOf(reply) === NOT_FOUND) return null;
    const stored = readArrival(this.name, reply);
    if (stored === null) throw new TryAgainError(`stream ${this.name}: an answer without a sequence`);
    return stored.sequence;
  }

  /**
   * Ask any replica for the messages that follow a position, and whether it may hold more.
   * @param {number} position
   * @returns {Promise<{messages: Message[], hasMore: boolean}>}
   */
  async after(position) {
    const link = await this.#connection.link();
    const { replies, last } = await this.#gather(link, {
      seq: position + 1,
      next_by_subj: ALL,
      batch: BATCH_MESSAGES,
      max_bytes: BATCH_BYTES,
    });
    const whole = countUnbroken(replies);
    const messages = replies.slice(0, whole).map((reply) => reply.message);
    const ended = last === null || (last.code === END_OF_BATCH && last.pending > 0);
    return { messages, hasMore: ended || whole < replies.length };
  }

  /**
   * Return the replies of a batch, and what ended it: null if the rest did not come in time.
   * @param {Link} link
   * @param {object} query
   */
  async #gather(link, query) {
    /** @type {Arrival[]} */
    const replies = [];
    /** @type {{code: number, pending: number} | null} */
    let last = null;
    let isOdd = false;
    const news = new Signal();
    const subject = this.#directly();
    const stop = link.ask(subject, query, (reply) => {
      const code = statusOf(reply);
      const arrival = code === 0 ? readArrival(this.name, reply) : null;
      if (code !== 0) last = { code, pending: pendingOf(reply) };
      else if (arrival === null) isOdd = true;
      else replies.push(arrival);
      news.set();
    });
    try {
      while (last === null && !isOdd) {
        news.clear();
        await firstOf([news, link.closed], this.#patience());
        this.#connection.check();
        if (!news.isSet) break;
      }
    } finally {
      stop();
    }
    return this.#sift(link, replies, /** @type {Ended} */ (last), isOdd);
  }

  /**
   * @typedef {{code: number, pending: number} | null} Ended
   * @param {Link} link
   * @param {Arrival[]} replies
   * @param {Ended} last
   * @param {boolean} isOdd
   */
  #sift(link, replies, last, isOdd) {
    const said = `stream ${this.name}:`;
    if (isOdd) throw new TryAgainError(`${said} an answer without a sequence`);
    if (last?.code === NO_RESPONDERS) throw new TryAgainError(`${said} no replica is there to answer`);
    if (last === null && replies.length === 0) {
      link.check(this.#directly());
      throw new TryAgainError(`${said} no answer`);
    }
    return { replies, last };
  }

  /**
   * @param {string} verb
   * @param {object} query
   */
  async #askLeader(verb, query) {
    const link = await this.#connection.link();
    const reply = await link.request(`$JS.API.${verb}.${this.name}`, query, this.#patience());
    return readAnswer(this.name, reply.string());
  }

  #directly() {
    return `$JS.API.DIRECT.GET.${this.name}`;
  }

  #patience() {
    return this.#connection.timing.requestTimeout;
  }
}

/**
 * Return an answer of the JetStream API; no message found is an answer. TryAgainError: the servers
 * are in trouble. StreamNotFoundError, StreamError: asking again would not help.
 * @param {string} stream
 * @param {string} text
 * @returns {any}
 */
function readAnswer(stream, text) {
  const answer = readJson(stream, text);
  const fault = answer.error;
  if (fault === undefined || fault.err_code === NO_MESSAGE_FOUND) return answer;
  if (fault.err_code === STREAM_NOT_FOUND) {
    throw new StreamNotFoundError(
      `there is no stream “${stream}” in this user's account: see the gateway's spec.streams`,
    );
  }
  const words = `stream ${stream}: ${fault.description}`;
  throw fault.code >= SERVERS_TROUBLE ? new TryAgainError(words) : new StreamError(words);
}

/**
 * @param {string} stream
 * @param {string} text
 * @returns {any}
 */
function readJson(stream, text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new TryAgainError(`stream ${stream}: an answer that is no JSON`);
  }
}

/**
 * Return the status of a reply that is no message; 0 for messages.
 * @param {Msg} reply
 */
function statusOf(reply) {
  return reply.data.length === 0 ? (reply.headers?.code ?? 0) : 0;
}

/** @param {Msg} reply */
function pendingOf(reply) {
  return Number(reply.headers?.get("Nats-Num-Pending") || "0");
}
