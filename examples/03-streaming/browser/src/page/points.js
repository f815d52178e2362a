// The last predictions, and what of them a chart of some columns shows. Pure.

/**
 * @typedef {object} Sample What of a message may be drawn.
 * @property {number} sequence
 * @property {number} time Milliseconds since 1970.
 * @property {string} series
 * @property {ReadonlyMap<string, number>} values
 * @property {boolean} isRefetched It did not come live: it was fetched from the stream.
 */

/** @typedef {Omit<Sample, "values"> & {value: number}} Point One of its numbers. */

/** @typedef {{column: number, low: number, high: number, last: number, isRefetched: boolean}} Bar */

/** The newest samples, up to a number of them. */
export class RecentSamples {
  /** @type {Sample[]} */
  #samples = [];
  #most;

  /** @param {number} most */
  constructor(most) {
    this.#most = most;
  }

  /** @param {Sample} sample */
  add(sample) {
    this.#samples.push(sample);
    if (this.#samples.length > 2 * this.#most) this.#samples.splice(0, this.#most); // not each time
  }

  /**
   * Return those of the last so many samples that have a number of this name.
   * @param {number} count
   * @param {string} name
   * @returns {Point[]}
   */
  last(count, name) {
    const points = [];
    for (const { values, ...sample } of this.#samples.slice(-Math.min(count, this.#most))) {
      const value = values.get(name);
      if (value !== undefined) points.push({ ...sample, value });
    }
    return points;
  }
}

/**
 * Return, for each series, the lowest, highest and last value in each column that has one. The
 * columns are even parts of the stream from `first` to `last`.
 * @param {readonly Point[]} points
 * @param {{first: number, last: number}} span
 * @param {number} columns
 * @returns {Map<string, Bar[]>}
 */
export function barsOf(points, { first, last }, columns) {
  /** @type {Map<string, Bar[]>} */
  const all = new Map();
  const width = Math.max(last - first, 1);
  for (const { sequence, series, value, isRefetched } of points) {
    const column = Math.round(((sequence - first) / width) * (columns - 1));
    const bars = all.get(series) ?? [];
    all.set(series, bars);
    const bar = bars.at(-1);
    if (bar === undefined || bar.column !== column) {
      bars.push({ column, low: value, high: value, last: value, isRefetched });
    } else {
      bar.low = Math.min(bar.low, value);
      bar.high = Math.max(bar.high, value);
      bar.last = value;
      bar.isRefetched ||= isRefetched;
    }
  }
  return all;
}

/**
 * Return the lowest and highest value, with room around them.
 * @param {readonly Point[]} points
 */
export function rangeOf(points) {
  let [low, high] = [Infinity, -Infinity];
  for (const { value } of points) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return { low: 0, high: 1 };
  const room = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1;
  return { low: low >= 0 && low < room ? 0 : low - room, high: high + room };
}

/**
 * Return round numbers within a range, some `count` of them.
 * @param {{low: number, high: number}} range
 * @param {number} count
 */
export function ticksOf({ low, high }, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((round) => round * power).find((round) => round >= rough);
  if (step === undefined || !Number.isFinite(step)) return [];
  const digits = Math.max(0, Math.ceil(-Math.log10(step)) + (step / power === 2.5 ? 1 : 0));
  const ticks = [];
  for (let n = Math.ceil(low / step); n * step <= high; n += 1) {
    ticks.push({ value: n * step, label: (n * step).toFixed(Math.min(digits, 12)) });
  }
  return ticks;
}
