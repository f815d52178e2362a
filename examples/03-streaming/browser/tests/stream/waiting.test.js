import assert from "node:assert/strict";
import { test } from "node:test";

import { waitBefore } from "../../src/stream/backoff.js";
import { ArrivalBuffer } from "../../src/stream/buffer.js";
import { Signal, firstOf } from "../../src/stream/signal.js";

const NEVER = 2 ** 30;

/** @param {number} sequence */
function anArrival(sequence, size = 10) {
  const data = new Uint8Array(size);
  return { sequence, follows: 0, message: { sequence, subject: "a", time: 0, data } };
}

test("waits are drawn up to a bound that doubles, and no further than the most", () => {
  const bounds = { first: 1000, most: 5000 };
  const longest = [0, 1, 2, 3, 99].map((attempt) => waitBefore(attempt, bounds, 1));
  assert.deepEqual(longest, [1000, 2000, 4000, 5000, 5000]);
});

test("chance alone decides within the bound", () => {
  assert.equal(waitBefore(2, { first: 1000, most: 5000 }, 0.25), 1000);
});

test("the first signal ends the wait", async () => {
  const [one, other] = [new Signal(), new Signal()];
  const waiting = firstOf([one, other], NEVER);
  other.set();
  await waiting;
  assert.equal(one.isSet, false);
});

test("a signal that was set before is not waited for", async () => {
  const signal = new Signal();
  signal.set();
  await firstOf([signal], NEVER);
});

test("arrivals are handed out in the order in which they came", async () => {
  const buffer = new ArrivalBuffer();
  for (const sequence of [3, 1, 2]) buffer.put(anArrival(sequence));
  const got = [];
  for (let n = 0; n < 3; n += 1) got.push((await buffer.get(NEVER))?.sequence);
  assert.deepEqual(got, [3, 1, 2]);
});

test("an arrival ends the wait for it", async () => {
  const buffer = new ArrivalBuffer();
  const waiting = buffer.get(NEVER);
  buffer.put(anArrival(7));
  assert.equal((await waiting)?.sequence, 7);
});

test("what does not fit is not kept, and leaves a doubt behind", async () => {
  const buffer = new ArrivalBuffer();
  const kept = Array.from({ length: 1025 }, (_, n) => buffer.put(anArrival(n + 1)));
  assert.equal(kept.indexOf(false), 1024);
  for (let n = 0; n < 1024; n += 1) await buffer.get(NEVER);
  assert.equal(await buffer.get(NEVER), null);
});

test("bytes are bounded too, but a single large message always fits", () => {
  const buffer = new ArrivalBuffer();
  const large = 9 << 20;
  assert.deepEqual([buffer.put(anArrival(1, large)), buffer.put(anArrival(2))], [true, false]);
});

test("room is there again once an arrival was taken", async () => {
  const buffer = new ArrivalBuffer();
  for (let n = 0; n < 3000; n += 1) {
    assert.ok(buffer.put(anArrival(n + 1)));
    await buffer.get(NEVER);
  }
});
