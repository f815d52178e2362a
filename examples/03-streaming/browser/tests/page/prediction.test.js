import assert from "node:assert/strict";
import { test } from "node:test";

import { preferred, readPrediction } from "../../src/page/prediction.js";

/** @param {unknown} body */
function aMessage(body) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { subject: "predictions.churn", data: new TextEncoder().encode(text) };
}

test("each number in a prediction is found by its path", () => {
  const outputs = [{ name: "p", shape: [1], data: [0.25] }];
  const { values } = readPrediction(aMessage({ latency: 3, outputs }));
  assert.deepEqual([...values], [["latency", 3], ["outputs.0.data.0", 0.25]]);
});

test("a prediction belongs to its model and version", () => {
  const body = { model: "churn", version: "v2", score: 1 };
  assert.equal(readPrediction(aMessage(body)).series, "churn v2");
});

test("without a model it belongs to its subject", () => {
  assert.equal(readPrediction(aMessage({ score: 1 })).series, "predictions.churn");
});

test("a bare number is a value", () => {
  assert.deepEqual([...readPrediction(aMessage("17.5")).values], [["value", 17.5]]);
});

for (const body of ["not JSON", "null", '"text"', "[]", "{}", '{"score": "high"}']) {
  test(`${body} is a message without a value`, () => {
    assert.equal(readPrediction(aMessage(body)).values.size, 0);
  });
}

test("a large prediction costs no more than a dozen values", () => {
  const data = Array.from({ length: 5000 }, (_, n) => n);
  assert.equal(readPrediction(aMessage({ outputs: [{ data }] })).values.size, 12);
});

test("a score is drawn rather than a number or a latency", () => {
  assert.equal(preferred(["number", "latency", "score"]), "score");
});

test("an output is drawn rather than a latency", () => {
  assert.equal(preferred(["latency", "outputs.0.data.0"]), "outputs.0.data.0");
});

test("where nothing is known, the first number is drawn", () => {
  assert.equal(preferred(["a", "b"]), "a");
});
