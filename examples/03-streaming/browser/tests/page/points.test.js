import assert from "node:assert/strict";
import { test } from "node:test";

import { RecentSamples, barsOf, rangeOf, ticksOf } from "../../src/page/points.js";

/**
 * @param {number} sequence
 * @param {number} value
 */
function aPoint(sequence, value, changes = {}) {
  return { sequence, value, time: 0, series: "churn", isRefetched: false, ...changes };
}

/**
 * @param {number} sequence
 * @param {Record<string, number>} values
 */
function aSample(sequence, values) {
  const series = "churn";
  return { sequence, time: 0, series, values: new Map(Object.entries(values)), isRefetched: false };
}

test("of each sample the number that is asked for is drawn, if it has one", () => {
  const samples = new RecentSamples(100);
  samples.add(aSample(1, { score: 5, latency: 70 }));
  samples.add(aSample(2, { score: 6 }));
  samples.add(aSample(3, { latency: 80 }));
  const drawn = samples.last(100, "latency").map(({ sequence, value }) => [sequence, value]);
  assert.deepEqual(drawn, [[1, 70], [3, 80]]);
});

test("the newest points are kept, and no more than were asked for", () => {
  const samples = new RecentSamples(100);
  for (let n = 1; n <= 1000; n += 1) samples.add(aSample(n, { score: n }));
  const kept = samples.last(5000, "score").map((point) => point.sequence);
  assert.deepEqual([kept.length, kept[0], kept.at(-1)], [100, 901, 1000]);
});

test("many points in a column are drawn from the lowest to the highest of them", () => {
  const points = [1, 2, 3, 4].map((sequence) => aPoint(sequence, [5, 1, 9, 4][sequence - 1] ?? 0));
  const bars = barsOf(points, { first: 1, last: 100 }, 2).get("churn");
  assert.deepEqual(bars, [{ column: 0, low: 1, high: 9, last: 4, isRefetched: false }]);
});

test("a point's column is its place in the stream, so that a hole stays a hole", () => {
  const points = [aPoint(1, 1), aPoint(2, 1), aPoint(11, 1)];
  const columns = barsOf(points, { first: 1, last: 11 }, 11).get("churn")?.map((bar) => bar.column);
  assert.deepEqual(columns, [0, 1, 10]);
});

test("each series is drawn by itself", () => {
  const points = [aPoint(1, 1), aPoint(2, 2, { series: "other" })];
  assert.deepEqual([...barsOf(points, { first: 1, last: 2 }, 10).keys()], ["churn", "other"]);
});

test("a single point has a place", () => {
  assert.equal(barsOf([aPoint(7, 1)], { first: 7, last: 7 }, 10).get("churn")?.[0]?.column, 0);
});

test("values have room around them, and a scale near zero begins there", () => {
  assert.deepEqual(rangeOf([aPoint(1, 0.01), aPoint(2, 1.01)]), { low: 0, high: 1.09 });
});

for (const value of [0, 7, -7]) {
  test(`a stream of nothing but ${value} has a scale with it inside`, () => {
    const { low, high } = rangeOf([aPoint(1, value), aPoint(2, value)]);
    assert.ok(low <= value && value < high, `${low} to ${high}`);
  });
}

test("a chart without points has a scale too", () => {
  assert.deepEqual(rangeOf([]), { low: 0, high: 1 });
});

test("ticks are round numbers within the scale", () => {
  const labels = ticksOf({ low: 0, high: 1.09 }, 4).map((tick) => tick.label);
  assert.deepEqual(labels, ["0.0", "0.5", "1.0"]);
});

test("ticks of a narrow scale differ from one another", () => {
  const labels = ticksOf({ low: 0.1231, high: 0.1234 }, 4).map((tick) => tick.label);
  assert.equal(new Set(labels).size, labels.length);
});

test("a scale that is none has no ticks", () => {
  assert.deepEqual(ticksOf({ low: 1, high: 1 }, 4), []);
});
