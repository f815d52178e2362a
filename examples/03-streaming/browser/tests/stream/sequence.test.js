import assert from "node:assert/strict";
import { test } from "node:test";

import { countUnbroken, judge, lostBefore, startingPosition } from "../../src/stream/sequence.js";

test("only the next message is handed on", () => {
  const verdicts = [4, 5, 6, 7].map((sequence) => judge(5, sequence));
  assert.deepEqual(verdicts, ["duplicate", "duplicate", "deliver", "gap"]);
});

test("what the stream itself passes over is lost", () => {
  assert.deepEqual(lostBefore(5, 9), { first: 6, last: 8 });
});

test("the next message has lost nothing before it", () => {
  assert.equal(lostBefore(5, 6), null);
});

test("a batch is believed up to the reply that did not arrive", () => {
  const replies = [
    { sequence: 4, follows: 0 },
    { sequence: 7, follows: 4 },
    { sequence: 9, follows: 8 },
  ];
  assert.equal(countUnbroken(replies), 2);
});

test("a batch whose first reply did not arrive is not believed at all", () => {
  assert.equal(countUnbroken([{ sequence: 7, follows: 4 }]), 0);
});

test("reading begins after what was dealt with, at what is held, or at the end", () => {
  const shape = { first: 41, last: 99 };
  const positions = [17, 0, null].map((after) => startingPosition(after, shape));
  assert.deepEqual(positions, [17, 40, 99]);
});

test("any mixture of losses, doubles and disorder is handed on once and in order", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const arrivals = mixture(seed);
    const got = read(arrivals, 60);
    assert.deepEqual(got, Array.from({ length: 60 }, (_, n) => n + 1), `seed ${seed}: ${arrivals}`);
  }
});

/**
 * A reader over a stream that holds everything, as reader.js goes about it.
 * @param {number[]} arrivals
 * @param {number} last
 */
function read(arrivals, last) {
  /** @type {number[]} */
  const got = [];
  for (const sequence of [...arrivals, last]) {
    if (judge(got.length, sequence) === "gap") {
      while (got.length < sequence - 1) got.push(got.length + 1); // fetched
    }
    if (judge(got.length, sequence) === "deliver") got.push(sequence);
  }
  return got;
}

/**
 * Sequences 1 to 60: some left out, some twice, some far from their place.
 * @param {number} seed
 */
function mixture(seed) {
  let state = seed;
  const chance = () => (state = (state * 48271) % 2147483647) / 2147483647;
  return Array.from({ length: 60 }, (_, n) => n + 1)
    .flatMap((sequence) => (chance() < 0.2 ? [] : chance() < 0.3 ? [sequence, sequence] : [sequence]))
    .map((sequence) => ({ sequence, place: sequence + chance() * 12 }))
    .sort((one, other) => one.place - other.place)
    .map(({ sequence }) => sequence);
}
