// What the page says of the connection. Pure.

import {
  ClientClosedError,
  CredentialsRefusedError,
  NotAllowedError,
  NotLiveError,
  ServersUnreachableError,
  StreamNotFoundError,
  StreamWentBackError,
} from "../stream/errors.js";

/** @typedef {import("../stream/connection.js").Status} Status */
/** @typedef {"idle" | "good" | "busy" | "bad"} Tone */
/** @typedef {{label: string, tone: Tone, sentence: string}} Words */

/** @type {[new (message?: string) => Error, string][]} */
const FAILURES = [
  [CredentialsRefusedError, "Refused"],
  [NotAllowedError, "Not allowed"],
  [StreamNotFoundError, "No such stream"],
  [NotLiveError, "Not live"],
  [StreamWentBackError, "Another stream"],
  [ServersUnreachableError, "Unreachable"],
];

/** @type {Words} */
export const DISCONNECTED = { label: "Disconnected", tone: "idle", sentence: "Not connected." };

/**
 * @param {Status} status
 * @returns {Words}
 */
export function wordsFor(status) {
  const { state, attempt, trouble, failure } = status;
  const again = trouble ? ` Attempt ${attempt} failed: ${trouble}. It is tried again.` : "";
  if (state === "Connecting") {
    return { label: "Connecting", tone: "busy", sentence: `Looking for a server.${again}` };
  }
  if (state === "Moving") {
    const sentence = `${nameOf(status)} asks to leave: reading on there until another server is found.`;
    return { label: "Moving", tone: "busy", sentence: sentence + again };
  }
  if (state === "Reconnecting") {
    const sentence = `${nameOf(status)} is gone: looking for another server.`;
    return { label: "Reconnecting", tone: "busy", sentence: sentence + again };
  }
  if (failure instanceof ClientClosedError) return DISCONNECTED;
  if (state === "Closed") {
    const label = FAILURES.find(([kind]) => failure instanceof kind)?.[1] ?? "Closed";
    return { label, tone: "bad", sentence: `${failure?.message ?? ""}.` };
  }
  return { label: "Connected", tone: "good", sentence: `Reading from ${nameOf(status)}.${again}` };
}

/**
 * Return what a change of the status is worth in the log, if anything.
 * @param {Status | null} before
 * @param {Status} now
 * @returns {{text: string, kind: "connected" | "moved" | "cut" | "asked" | "closed" | "failed"} | null}
 */
export function eventOf(before, now) {
  if (before !== null && before.state === now.state) return null;
  const name = nameOf(now);
  switch (now.state) {
    case "Connected":
      return connectedEvent(before, now);
    case "Moving":
      return { kind: "asked", text: `${name} asks to leave` };
    case "Reconnecting":
      return { kind: "cut", text: `${name} is gone` };
    case "Closed":
      return closedEvent(now);
    default:
      return null;
  }
}

/**
 * @param {Status | null} before
 * @param {Status} now
 * @returns {NonNullable<ReturnType<typeof eventOf>>}
 */
function connectedEvent(before, now) {
  const name = nameOf(now);
  if (before?.state !== "Moving") return { kind: "connected", text: `connected to ${name}` };
  if (before.serverId !== now.serverId) {
    return { kind: "moved", text: `moved to ${name}, without a moment unconnected` };
  }
  return { kind: "connected", text: `no other server was found: staying at ${name}` };
}

/**
 * @param {Status} status
 * @returns {NonNullable<ReturnType<typeof eventOf>>}
 */
function closedEvent({ failure }) {
  if (failure instanceof ClientClosedError) return { kind: "closed", text: "disconnected" };
  return { kind: "failed", text: failure?.message ?? "" };
}

/** @param {Status} status */
export function nameOf({ serverName, serverId, url }) {
  return serverName || serverId || url || "the server";
}

/**
 * Return what is said below the chart of a stream from which nothing comes; empty while it flows.
 * @param {{status: Status, position: number | null, count: number, secondsQuiet: number}} page
 */
export function quietWords({ status, position, count, secondsQuiet }) {
  if (position === null || status.state === "Closed") return "";
  if (count === 0) return "Nothing has come yet: messages appear here as soon as they are published.";
  if (secondsQuiet < 5) return "";
  const words = `No message for ${secondsQuiet} s.`;
  const isAsked = status.state !== "Reconnecting" && status.trouble === "";
  return isAsked ? `${words} The stream is asked from time to time whether one was missed.` : words;
}
