// One reading of a stream, from Connect to Disconnect: the client, and all that came of it.

import { StreamClient } from "../stream/client.js";
import { Ledger } from "./ledger.js";
import { RecentSamples } from "./points.js";
import { preferred, readPrediction } from "./prediction.js";
import { eventOf } from "./words.js";

/** @typedef {import("../stream/client.js").Message} Message */
/** @typedef {import("../stream/client.js").Range} Range */
/** @typedef {import("../stream/connection.js").Status} Status */
/** @typedef {{time: number, kind: string, text: string}} LogLine */
/**
 * @typedef {object} Wanted
 * @property {string} server One address, or several with commas between them.
 * @property {string} user
 * @property {string} password
 * @property {string} stream
 * @property {string} from
 */

const MOST_SAMPLES = 10_000;
const MOST_SERIES = 6;
const MOST_NAMES = 40;
const OTHERS = "others";
const MOST_LINES = 100;
const MOST_MARKS = 200;

export class Reading {
  ledger = new Ledger();
  samples = new RecentSamples(MOST_SAMPLES);
  /** @type {import("./chart.js").Mark[]} */
  marks = [];
  /** @type {LogLine[]} The newest first. */
  log = [];
  /** @type {Range[]} */
  lost = [];
  /** The names of the numbers that the messages hold. */
  names = new Set();
  /** The one of them that is drawn. */
  name = "";
  lastAt = performance.now();
  /** @type {Set<string>} */
  #series = new Set();
  #client;
  /** @type {Status | null} */
  #before = null;
  #refetched = 0;
  #onChange;

  /**
   * @param {Wanted} wanted
   * @param {() => void} onChange
   */
  constructor(wanted, onChange) {
    this.wanted = wanted;
    this.#onChange = onChange;
    this.#client = new StreamClient({
      servers: wanted.server.split(",").map((server) => server.trim()),
      user: wanted.user,
      password: wanted.password,
      onStatus: (status) => this.#follow(status),
    });
  }

  get status() {
    return this.#client.status;
  }

  get counters() {
    return this.#client.counters;
  }

  get position() {
    return this.#client.position;
  }

  /** Read until the client is closed, or cannot go on: its status says why. */
  async run() {
    const after = this.wanted.from === "now" ? null : 0;
    try {
      for await (const message of this.#client.messages(this.wanted.stream, after, (lost) => this.#lose(lost))) {
        this.#take(message);
      }
    } catch (error) {
      if (this.status.failure !== error) throw error; // a fault of ours, not of the stream
    }
  }

  close() {
    this.#client.close();
  }

  hurry() {
    this.#client.hurry();
  }

  /**
   * Draw another of the messages' numbers.
   * @param {string} name
   */
  show(name) {
    this.name = name;
    this.#onChange();
  }

  /** @param {Message} message */
  #take(message) {
    const { sequence, time } = message;
    this.ledger.add(sequence);
    this.lastAt = performance.now();
    const { series, values } = readPrediction(message);
    for (const name of values.keys()) if (this.names.size < MOST_NAMES) this.names.add(name);
    this.name ||= preferred(values.keys()) ?? "";
    this.samples.add({
      sequence,
      time: Number.isNaN(time) ? Date.now() : time,
      series: this.#shown(series),
      values,
      isRefetched: this.counters.refetched > this.#refetched,
    });
    this.#refetched = this.counters.refetched;
    this.#onChange();
  }

  /**
   * Return under which name a series is drawn: there are colours for some, the rest share one.
   * @param {string} series
   */
  #shown(series) {
    if (this.#series.size < MOST_SERIES) this.#series.add(series);
    return this.#series.has(series) ? series : OTHERS;
  }

  /** @param {Range} lost */
  #lose(lost) {
    this.lost.push(lost);
    this.#write("lost", `the stream no longer holds ${lost.first} to ${lost.last}: they are lost`);
  }

  /** @param {Status} status */
  #follow(status) {
    const event = eventOf(this.#before, status);
    this.#before = status;
    if (event !== null) this.#write(event.kind, event.text);
    if (event?.kind === "moved" || event?.kind === "cut") this.#mark(event.kind);
    this.#onChange();
  }

  /** @param {string} kind */
  #mark(kind) {
    if (this.ledger.last > 0) this.marks.push({ sequence: this.ledger.last, kind });
    if (this.marks.length > MOST_MARKS) this.marks.shift();
  }

  /**
   * @param {string} kind
   * @param {string} text
   */
  #write(kind, text) {
    this.log.unshift({ time: Date.now(), kind, text });
    this.log.length = Math.min(this.log.length, MOST_LINES);
  }
}
