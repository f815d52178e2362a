import assert from "node:assert/strict";
import { test } from "node:test";

import { Ledger } from "../../src/page/ledger.js";
import { eventOf, quietWords, wordsFor } from "../../src/page/words.js";
import { ClientClosedError, CredentialsRefusedError } from "../../src/stream/errors.js";

/**
 * @param {Partial<import("../../src/stream/connection.js").Status>} changes
 * @returns {import("../../src/stream/connection.js").Status}
 */
function aStatus(changes = {}) {
  return {
    state: "Connected",
    url: "ws://gateway:8080",
    serverId: "NA",
    serverName: "edge-0",
    attempt: 0,
    trouble: "",
    failure: null,
    ...changes,
  };
}

test("a server that is read from is named", () => {
  const words = { label: "Connected", tone: "good", sentence: "Reading from edge-0." };
  assert.deepEqual(wordsFor(aStatus()), words);
});

test("an attempt that failed is told of, with its number and its reason", () => {
  const status = aStatus({ state: "Reconnecting", attempt: 3, trouble: "ws://gateway:8080: timeout" });
  const failed = "Attempt 3 failed: ws://gateway:8080: timeout. It is tried again.";
  assert.equal(wordsFor(status).sentence, `edge-0 is gone: looking for another server. ${failed}`);
});

test("refused credentials are called that, in the words of the refusal", () => {
  const failure = new CredentialsRefusedError("ws://gateway:8080 refuses the user");
  const words = { label: "Refused", tone: "bad", sentence: "ws://gateway:8080 refuses the user." };
  assert.deepEqual(wordsFor(aStatus({ state: "Closed", failure })), words);
});

test("a client that was closed on purpose is disconnected, and no failure", () => {
  const failure = new ClientClosedError("the client is closed");
  const status = aStatus({ state: "Closed", failure });
  assert.equal(wordsFor(status).label, "Disconnected");
  assert.deepEqual(eventOf(aStatus(), status), { kind: "closed", text: "disconnected" });
});

test("another server after a request to leave is a move", () => {
  const now = aStatus({ serverId: "NB", serverName: "edge-1" });
  assert.equal(eventOf(aStatus({ state: "Moving" }), now)?.kind, "moved");
});

test("the same server after a request to leave is no move", () => {
  const text = "no other server was found: staying at edge-0";
  assert.deepEqual(eventOf(aStatus({ state: "Moving" }), aStatus()), { kind: "connected", text });
});

test("a further attempt is no event of its own", () => {
  const [before, now] = [1, 2].map((attempt) => aStatus({ state: "Reconnecting", attempt }));
  assert.equal(eventOf(before ?? null, now ?? aStatus()), null);
});

test("an empty stream says what is waited for", () => {
  const words = "Nothing has come yet: messages appear here as soon as they are published.";
  assert.equal(quietWords({ status: aStatus(), position: 0, count: 0, secondsQuiet: 60 }), words);
});

test("of a stream that is not read yet nothing is said", () => {
  assert.equal(quietWords({ status: aStatus(), position: null, count: 0, secondsQuiet: 8 }), "");
});

test("a stream that flows needs no words", () => {
  assert.equal(quietWords({ status: aStatus(), position: 9, count: 9, secondsQuiet: 1 }), "");
});

test("while nobody can be asked, nothing is said of asking", () => {
  const status = aStatus({ state: "Reconnecting" });
  assert.equal(quietWords({ status, position: 9, count: 9, secondsQuiet: 8 }), "No message for 8 s.");
});

test("a ledger of messages without a hole is one stretch", () => {
  const ledger = new Ledger();
  for (const sequence of [5, 6, 7]) ledger.add(sequence);
  assert.deepEqual(ledger.runs, [[5, 7]]);
});

for (const [what, third] of Object.entries({ "a double": 6, "a hole": 9, disorder: 4 })) {
  test(`${what} begins another stretch in the ledger`, () => {
    const ledger = new Ledger();
    for (const sequence of [5, 6, third]) ledger.add(sequence);
    assert.deepEqual(ledger.runs, [[5, 6], [third, third]]);
  });
}
