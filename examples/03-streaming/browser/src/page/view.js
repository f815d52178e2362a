// Puts a reading on the page: at most once a frame, and only what has changed.

import { Chart, clock } from "./chart.js";
import { DISCONNECTED, nameOf, quietWords, wordsFor } from "./words.js";

/** @typedef {import("./reading.js").Reading} Reading */

const SVG = "http://www.w3.org/2000/svg";

export class View {
  #chart = new Chart(/** @type {HTMLCanvasElement} */ (element("chart")));
  #legend = "";
  #names = "";
  #firstLine = /** @type {unknown} */ (null);
  #rate = new Rate();

  /** @param {Reading | null} reading */
  show(reading) {
    this.#showStatus(reading);
    if (reading === null) return;
    this.#showFigures(reading);
    this.#showChart(reading);
    this.#showLog(reading);
  }

  /** Forget the reading before. */
  clear() {
    this.#chart.clear();
    this.#legend = this.#names = "";
    this.#firstLine = null;
    this.#rate = new Rate();
    for (const id of ["legend", "log", "value"]) element(id).replaceChildren();
  }

  /** @param {Reading | null} reading */
  #showStatus(reading) {
    const status = reading?.status;
    const { label, tone, sentence } = status === undefined ? DISCONNECTED : wordsFor(status);
    element("status").dataset.tone = tone;
    write("state", label);
    write("sentence", sentence);
    const isSomewhere = status !== undefined && status.state !== "Closed" && status.url !== "";
    write("server", isSomewhere ? `${status.url} · ${status.serverId}` : "");
    element("status").title = isSomewhere ? nameOf(status) : "";
    write("connect", status === undefined || status.state === "Closed" ? "Connect" : "Disconnect");
  }

  /** @param {Reading} reading */
  #showFigures({ ledger, counters, lastAt, status, position }) {
    write("messages", ledger.count.toLocaleString());
    write("last", ledger.last ? ledger.last.toLocaleString() : "–");
    write("rate", this.#rate.of(ledger.count));
    write("moves", String(counters.moves));
    write("reconnects", String(counters.reconnects));
    write("refetched", counters.refetched.toLocaleString());
    write("duplicates", counters.duplicates.toLocaleString());
    write("lost", counters.lost.toLocaleString());
    element("lost").classList.toggle("some", counters.lost > 0);
    const secondsQuiet = Math.floor((performance.now() - lastAt) / 1000);
    write("quiet", quietWords({ status, position, count: ledger.count, secondsQuiet }));
  }

  /** @param {Reading} reading */
  #showChart(reading) {
    const count = Number(/** @type {HTMLSelectElement} */ (element("window")).value);
    const points = reading.samples.last(count, reading.name);
    this.#chart.draw(points, reading.marks, count);
    const hasMessages = reading.ledger.count > 0;
    const words = hasMessages ? "These messages hold no number to draw." : "No message yet.";
    write("empty", points.length === 0 ? words : "");
    this.#showNames(reading);
    this.#showLegend();
  }

  /** @param {Reading} reading */
  #showNames({ names, name }) {
    const key = [...names, name].join("\n");
    if (key === this.#names) return;
    this.#names = key;
    const select = /** @type {HTMLSelectElement} */ (element("value"));
    select.replaceChildren(...[...names].map((each) => new Option(each, each, false, each === name)));
    select.disabled = names.size < 2;
  }

  #showLegend() {
    const { legend } = this.#chart;
    const key = JSON.stringify(legend);
    if (key === this.#legend) return;
    this.#legend = key;
    element("legend").replaceChildren(...legend.map(({ series, colour }) => legendItem(series, colour)));
  }

  /** @param {Reading} reading */
  #showLog({ log }) {
    if (log[0] === this.#firstLine) return;
    this.#firstLine = log[0] ?? null;
    element("log").replaceChildren(
      ...log.map(({ time, kind, text }) => {
        const [when, what, line] = ["time", "span", "li"].map((tag) => document.createElement(tag));
        if (!when || !what || !line) throw new Error("unreachable");
        when.textContent = clock(time);
        what.textContent = text;
        what.className = kind;
        line.append(when, what);
        return line;
      }),
    );
  }
}

/** Messages in a second, over the last few. */
class Rate {
  /** @type {{at: number, count: number}[]} */
  #seen = [];

  /** @param {number} count */
  of(count) {
    const now = performance.now();
    this.#seen.push({ at: now, count });
    while (this.#seen.length > 2 && now - (this.#seen[0]?.at ?? now) > 4_000) this.#seen.shift();
    const [oldest] = this.#seen;
    if (oldest === undefined || now - oldest.at < 500) return "0";
    const rate = ((count - oldest.count) / (now - oldest.at)) * 1000;
    return rate >= 10 || rate === 0 ? Math.round(rate).toLocaleString() : rate.toFixed(1);
  }
}

/**
 * @param {string} series
 * @param {string} colour
 */
function legendItem(series, colour) {
  const item = document.createElement("li");
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "0 0 2 2");
  const dot = document.createElementNS(SVG, "circle");
  for (const name of ["cx", "cy", "r"]) dot.setAttribute(name, "1");
  dot.setAttribute("fill", colour);
  picture.append(dot);
  item.append(picture, series);
  return item;
}

/** @param {string} id */
export function element(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

/**
 * Change a text; one that is the same is left alone, for those who have pages read to them.
 * @param {string} id
 * @param {string} text
 */
function write(id, text) {
  const target = element(id);
  if (target.textContent !== text) target.textContent = text;
}
