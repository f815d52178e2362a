// One connection to one server. It never reconnects by itself: that is connection.js' business.

import { createInbox, errors, wsconnect } from "@nats-io/nats-core";

import {
  CredentialsRefusedError,
  NotAllowedError,
  ServersUnreachableError,
  TryAgainError,
} from "./errors.js";
import { Signal, firstOf } from "./signal.js";

/** @typedef {import("@nats-io/nats-core").Msg} Msg */
/** @typedef {import("@nats-io/nats-core").NatsConnection} NatsConnection */
/** @typedef {{servers: readonly string[], user: string, password: string, name: string}} Access */
/** @typedef {import("./timing.js").Timing} Timing */

const encoder = new TextEncoder();

/** An open connection: signals that tell when it is closed, or asked to leave. */
export class Link {
  closed = new Signal();
  leaving = new Signal();
  /** @type {Set<string>} */
  #denied = new Set();
  #nats;
  #patience;

  /**
   * @param {string} url
   * @param {NatsConnection} nats
   * @param {number} patience Milliseconds until a subscription must be taken.
   */
  constructor(url, nats, patience) {
    this.url = url;
    this.#nats = nats;
    this.#patience = patience;
    this.serverId = nats.info?.server_id ?? "";
    this.serverName = nats.info?.server_name ?? "";
    void this.#listen();
    void nats.closed().then(() => this.closed.set());
    if (nats.info?.ldm) this.leaving.set(); // it was said before anybody listened
  }

  async #listen() {
    for await (const status of this.#nats.status()) {
      if (status.type === "ldm") this.leaving.set();
      // Sooner than closed(), which waits for the goodbye of a peer that may be gone.
      if (status.type === "disconnect" || status.type === "staleConnection") this.closed.set();
      if (status.type === "error") this.#noteDenial(status.error);
    }
  }

  /** @param {unknown} error */
  #noteDenial(error) {
    if (error instanceof errors.PermissionViolationError) this.#denied.add(error.subject);
  }

  /**
   * Subscribe, and return when the server has taken it. TryAgainError: it went away.
   * NotAllowedError: this user may not.
   * @param {string} subject
   * @param {(message: Msg) => void} onMessage
   */
  async subscribe(subject, onMessage) {
    try {
      this.#nats.subscribe(subject, {
        callback: (error, message) => {
          if (error === null) onMessage(message);
          else this.#noteDenial(error);
        },
      });
      await inTime(this.#nats.flush(), this.#patience);
    } catch (error) {
      throw new TryAgainError(`${this.url}: ${wordsOf(error)}`);
    }
    this.check(subject);
  }

  /**
   * Return the one answer to a request; TryAgainError if none came.
   * @param {string} subject
   * @param {object} query
   * @param {number} timeout
   */
  async request(subject, query, timeout) {
    try {
      return await this.#nats.request(subject, JSON.stringify(query), { timeout });
    } catch (error) {
      this.#noteDenial(error instanceof Error ? error.cause : error);
      this.check(subject);
      throw new TryAgainError(`${subject}: ${wordsOf(error)}`);
    }
  }

  /**
   * Send a request with many answers; returns how to stop listening.
   * @param {string} subject
   * @param {object} query
   * @param {(message: Msg) => void} onReply
   */
  ask(subject, query, onReply) {
    try {
      const inbox = createInbox();
      const subscription = this.#nats.subscribe(inbox, {
        callback: (error, message) => {
          if (error === null) onReply(message);
        },
      });
      this.#nats.publish(subject, encoder.encode(JSON.stringify(query)), { reply: inbox });
      return () => subscription.unsubscribe();
    } catch (error) {
      throw new TryAgainError(`${subject}: ${wordsOf(error)}`);
    }
  }

  /**
   * NotAllowedError if the server has refused this subject.
   * @param {string} subject
   */
  check(subject) {
    if (this.#denied.has(subject)) {
      throw new NotAllowedError(
        `${this.url} does not let this user use ${subject}: grant it in the user's permissions`,
      );
    }
  }

  /** Close it, without waiting: a peer that is gone says no goodbye. */
  close() {
    this.closed.set();
    this.#nats.close().catch(() => undefined); // it was closed already
  }
}

/**
 * Connect to one address. CredentialsRefusedError: trying again cannot help.
 * ServersUnreachableError: it may.
 * @param {string} url
 * @param {Access} access
 * @param {Timing} timing
 */
export async function openLink(url, access, timing) {
  try {
    const nats = await wsconnect({
      servers: url,
      name: access.name,
      user: access.user,
      pass: access.password,
      reconnect: false,
      ignoreClusterUpdates: true, // a Service's address is the only one that leads to us
      timeout: timing.connectTimeout,
      pingInterval: timing.pingEvery,
      maxPingOut: 2,
    });
    return new Link(url, nats, timing.connectTimeout);
  } catch (error) {
    if (error instanceof errors.AuthorizationError) {
      throw new CredentialsRefusedError(
        `${url} refuses the user “${access.user}” or the password: compare them with the gateway's Secret`,
      );
    }
    throw new ServersUnreachableError(`${url}: ${wordsOf(error)}`);
  }
}

/**
 * @param {Promise<void>} promise
 * @param {number} milliseconds
 */
async function inTime(promise, milliseconds) {
  const done = new Signal();
  promise.then(() => done.set()).catch(() => done.set());
  await firstOf([done], milliseconds);
  if (!done.isSet) throw new Error(`no answer within ${milliseconds / 1000} s`);
  return promise;
}

/**
 * Return what an error says; a browser tells nothing of why a WebSocket did not open.
 * @param {unknown} error
 */
function wordsOf(error) {
  const words = error instanceof Error ? error.message : String(error);
  return words && words !== "undefined" ? words : "no WebSocket server answers there";
}
