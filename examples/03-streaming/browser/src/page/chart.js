// Draws the last predictions of a stream, by their place in it: a lost message would be a hole.

import { barsOf, rangeOf, ticksOf } from "./points.js";

/** @typedef {import("./points.js").Bar} Bar */
/** @typedef {import("./points.js").Point} Point */
/** @typedef {{sequence: number, kind: string}} Mark A turn of the connection, after that message. */

const SERIES_COLOURS = 7;
const MARGIN = { top: 14, right: 12, bottom: 26, left: 52 };
/** Up to so many columns a value, points are drawn one by one. */
const ROOM_FOR_POINTS = 7;

export class Chart {
  #canvas;
  #pen;
  /** @type {string[]} */
  #known = [];

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
    this.#pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  }

  /** The series in the order in which they came, each with its colour. */
  get legend() {
    return this.#known.map((series) => ({ series, colour: this.#colourOf(series) }));
  }

  clear() {
    this.#known = [];
    this.draw([], [], 0);
  }

  /**
   * @param {readonly Point[]} points
   * @param {readonly Mark[]} marks
   * @param {number} count How many messages the width of the chart stands for.
   */
  draw(points, marks, count) {
    const { width, height } = this.#fit();
    const [left, right] = [MARGIN.left, width - MARGIN.right];
    const [top, bottom] = [MARGIN.top, height - MARGIN.bottom];
    const [oldest, newest] = [points[0], points.at(-1)];
    if (oldest === undefined || newest === undefined || right <= left) return;
    const first = Math.min(oldest.sequence, newest.sequence - Math.min(count, 50) + 1);
    const span = { first, last: newest.sequence };
    const range = rangeOf(points);
    const spread = Math.max(span.last - span.first, 1);
    const x = (/** @type {number} */ sequence) => left + ((sequence - first) / spread) * (right - left);
    const y = (/** @type {number} */ value) =>
      bottom - ((value - range.low) / (range.high - range.low)) * (bottom - top);

    this.#drawGrid(range, y, { left, right, bottom });
    this.#drawEnds(oldest, newest, { left: x(oldest.sequence), right, bottom });
    this.#drawMarks(marks.filter((mark) => mark.sequence >= first), x, { top, bottom });
    const columns = Math.floor(right - left);
    const isSparse = spread * ROOM_FOR_POINTS <= columns;
    for (const [series, bars] of barsOf(points, span, columns)) {
      if (!this.#known.includes(series)) this.#known.push(series);
      this.#drawSeries(bars, this.#colourOf(series), (column) => left + column, y, isSparse);
    }
  }

  /** Make the canvas as sharp as the screen, and empty it. */
  #fit() {
    const { width, height } = this.#canvas.getBoundingClientRect();
    const scale = window.devicePixelRatio || 1;
    const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
    if (this.#canvas.width !== wide || this.#canvas.height !== high) {
      Object.assign(this.#canvas, { width: wide, height: high });
    }
    this.#pen.setTransform(scale, 0, 0, scale, 0, 0);
    this.#pen.clearRect(0, 0, width, height);
    this.#pen.font = "12px system-ui, sans-serif";
    return { width, height };
  }

  /**
   * @param {{low: number, high: number}} range
   * @param {(value: number) => number} y
   * @param {{left: number, right: number, bottom: number}} box
   */
  #drawGrid(range, y, { left, right }) {
    const pen = this.#pen;
    pen.lineWidth = 1;
    pen.strokeStyle = this.#style("--line");
    pen.fillStyle = this.#style("--muted");
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    for (const { value, label } of ticksOf(range, 4)) {
      const at = Math.round(y(value)) + 0.5;
      pen.beginPath();
      pen.moveTo(left, at);
      pen.lineTo(right, at);
      pen.stroke();
      pen.fillText(label, left - 8, at);
    }
  }

  /**
   * @param {Point} oldest
   * @param {Point} newest
   * @param {{left: number, right: number, bottom: number}} box
   */
  #drawEnds(oldest, newest, { left, right, bottom }) {
    const pen = this.#pen;
    pen.fillStyle = this.#style("--muted");
    pen.textBaseline = "top";
    const isTight = right - left < 320;
    pen.textAlign = "left";
    if (!isTight) pen.fillText(`#${oldest.sequence} · ${clock(oldest.time)}`, left, bottom + 10);
    pen.textAlign = "right";
    pen.fillText(`#${newest.sequence} · ${clock(newest.time)}`, right, bottom + 10);
  }

  /**
   * @param {readonly Mark[]} marks
   * @param {(sequence: number) => number} x
   * @param {{top: number, bottom: number}} box
   */
  #drawMarks(marks, x, { top, bottom }) {
    const pen = this.#pen;
    for (const { sequence, kind } of marks) {
      const at = Math.round(x(sequence + 0.5)) + 0.5;
      const colour = this.#style(kind === "cut" ? "--bad" : "--busy");
      pen.strokeStyle = colour;
      pen.setLineDash([4, 4]);
      pen.beginPath();
      pen.moveTo(at, top);
      pen.lineTo(at, bottom);
      pen.stroke();
      pen.setLineDash([]);
      pen.fillStyle = colour;
      pen.textAlign = at > 120 ? "right" : "left";
      pen.textBaseline = "top";
      pen.fillText(kind, at > 120 ? at - 5 : at + 5, top);
    }
  }

  /**
   * @param {readonly Bar[]} bars
   * @param {string} colour
   * @param {(column: number) => number} x
   * @param {(value: number) => number} y
   * @param {boolean} isSparse
   */
  #drawSeries(bars, colour, x, y, isSparse) {
    const pen = this.#pen;
    pen.strokeStyle = pen.fillStyle = colour;
    pen.lineJoin = "round";
    pen.globalAlpha = 0.3;
    for (const { column, low, high } of bars) {
      if (high > low) pen.fillRect(x(column) - 0.5, y(high), 1.5, Math.max(y(low) - y(high), 1));
    }
    pen.globalAlpha = isSparse ? 0.55 : 1;
    pen.lineWidth = 1.5;
    pen.beginPath();
    for (const { column, last } of bars) pen.lineTo(x(column), y(last));
    pen.stroke();
    pen.globalAlpha = 1;
    if (isSparse) for (const bar of bars) this.#drawPoint(x(bar.column), y(bar.last), bar.isRefetched);
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {boolean} isHollow
   */
  #drawPoint(x, y, isHollow) {
    const pen = this.#pen;
    pen.beginPath();
    pen.arc(x, y, isHollow ? 3 : 2.5, 0, 2 * Math.PI);
    if (isHollow) {
      const colour = pen.fillStyle;
      pen.fillStyle = this.#style("--card");
      pen.fill();
      pen.fillStyle = colour;
      pen.stroke();
    } else {
      pen.fill();
    }
  }

  /** @param {string} series */
  #colourOf(series) {
    return this.#style(`--series-${this.#known.indexOf(series) % SERIES_COLOURS}`);
  }

  /** @param {string} name */
  #style(name) {
    return getComputedStyle(this.#canvas).getPropertyValue(name).trim();
  }
}

/** @param {number} time */
export function clock(time) {
  return new Date(time).toLocaleTimeString([], { hour12: false });
}
