import assert from "node:assert/strict";
import { test } from "node:test";

import { liveSubjects } from "../../src/stream/live-subject.js";

/** @param {object} changes */
function aShape(changes = {}) {
  return {
    name: "predictions",
    subjects: ["predictions.>"],
    first: 1,
    last: 0,
    isDirect: true,
    repeatedFrom: ">",
    repeatedTo: "headgate.live.>",
    isHeadersOnly: false,
    ...changes,
  };
}

test("a gateway's stream is read below its own live subject, not below everybody's", () => {
  assert.deepEqual(liveSubjects(aShape()), ["headgate.live.predictions.>"]);
});

test("a stream of several subjects is read on each of them", () => {
  const subjects = ["predictions.>", "answers.*"];
  const expected = ["headgate.live.predictions.>", "headgate.live.answers.*"];
  assert.deepEqual(liveSubjects(aShape({ subjects })), expected);
});

test("what is repeated from a prefix is read at the other prefix", () => {
  const shape = aShape({ repeatedFrom: "predictions.>", repeatedTo: "live.>" });
  assert.deepEqual(liveSubjects(shape), ["live.>"]);
});

for (const [why, changes] of Object.entries({
  "is not repeated": { repeatedTo: "" },
  "is repeated without data": { isHeadersOnly: true },
  "cannot be asked directly": { isDirect: false },
  "is repeated in part": { repeatedFrom: "predictions.eu.>" },
  "is repeated by placeholders": { repeatedTo: "live.{{wildcard(1)}}" },
})) {
  test(`a stream that ${why} cannot be read live`, () => {
    assert.equal(liveSubjects(aShape(changes)), null);
  });
}
