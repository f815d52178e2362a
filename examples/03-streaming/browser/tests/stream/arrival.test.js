import assert from "node:assert/strict";
import { test } from "node:test";

import { readArrival } from "../../src/stream/arrival.js";

const data = new TextEncoder().encode("{}");

/** @param {Record<string, string>} changes */
function aMessage(changes = {}) {
  const all = {
    "Nats-Stream": "predictions",
    "Nats-Subject": "predictions.churn",
    "Nats-Sequence": "42",
    "Nats-Last-Sequence": "40",
    "Nats-Time-Stamp": "2026-11-28T12:00:00.123456789Z",
    ...changes,
  };
  const headers = new Map(Object.entries(all));
  return {
    subject: "headgate.live.predictions.churn",
    data,
    headers: { get: (/** @type {string} */ name) => headers.get(name) ?? "" },
  };
}

test("a message's place, subject and time are those of the stream", () => {
  const time = Date.UTC(2026, 10, 28, 12, 0, 0, 123);
  assert.deepEqual(readArrival("predictions", aMessage()), {
    sequence: 42,
    follows: 40,
    message: { sequence: 42, subject: "predictions.churn", time, data },
  });
});

test("a message of another stream below the same prefix is none of ours", () => {
  assert.equal(readArrival("predictions", aMessage({ "Nats-Stream": "orders" })), null);
});

test("a message that bears no sequence is none of the stream's", () => {
  assert.equal(readArrival("predictions", aMessage({ "Nats-Sequence": "" })), null);
});

test("a sequence that is no number is not believed", () => {
  assert.equal(readArrival("predictions", aMessage({ "Nats-Sequence": "42x" })), null);
});

test("a message without headers is none of the stream's", () => {
  assert.equal(readArrival("predictions", { subject: "predictions.churn", data }), null);
});
