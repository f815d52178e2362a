// Keeps a client connected: it is somewhere else before it leaves, and comes back if it was cut.

import { waitBefore } from "./backoff.js";
import {
  ClientClosedError,
  CredentialsRefusedError,
  ServersUnreachableError,
  StreamError,
  TryAgainError,
} from "./errors.js";
import { openLink } from "./link.js";
import { Signal, firstOf } from "./signal.js";

/** @typedef {import("./link.js").Access} Access */
/** @typedef {import("./link.js").Link} Link */
/** @typedef {import("./timing.js").Timing} Timing */
/** @typedef {"Connecting" | "Connected" | "Moving" | "Reconnecting" | "Closed"} State */

/**
 * @typedef {object} Status What a client tells of its connection.
 * @property {State} state
 * @property {string} url
 * @property {string} serverId
 * @property {string} serverName
 * @property {number} attempt Attempts so far to connect, or to be answered.
 * @property {string} trouble What the last of them said.
 * @property {StreamError | null} failure What ended it for good.
 */

/**
 * @typedef {object} Rider Whoever must be subscribed wherever the client is.
 * @property {(link: Link) => Promise<void>} join Return when the new server has taken it.
 * @property {() => void} wake Look at the connection again: it changed.
 */

/** Refused that often in a row, credentials count as wrong; a reload of users refuses just once. */
const REFUSALS_BELIEVED = 3;
const PAUSES = { first: 100, most: 2_000 };

/** One connection that outlives its servers. */
export class Connection {
  counters = {
    delivered: 0,
    moves: 0,
    movesFailed: 0,
    reconnects: 0,
    duplicates: 0,
    gaps: 0,
    refetched: 0,
    lost: 0,
    overflows: 0,
  };
  /** @type {Status} */
  status = {
    state: "Connecting",
    url: "",
    serverId: "",
    serverName: "",
    attempt: 0,
    trouble: "",
    failure: null,
  };
  /** Set to try again now, as when the browser is online again. */
  hurry = new Signal();
  #access;
  #onStatus;
  #turn;
  /** @type {Link | null} */
  #link = null;
  /** @type {Set<Link>} */
  #retiring = new Set();
  /** @type {Rider | null} */
  #rider = null;
  #changed = new Signal();
  #ended = new Signal();

  /**
   * @param {Access} access
   * @param {Timing} timing
   * @param {(status: Status) => void} onStatus
   */
  constructor(access, timing, onStatus) {
    this.timing = timing;
    this.#access = access;
    this.#onStatus = onStatus;
    this.#turn = Math.floor(Math.random() * access.servers.length);
  }

  /** Connect for the first time; CredentialsRefusedError at once, ServersUnreachableError in time. */
  async open() {
    const link = await this.#connectSomewhere({ isFirst: true });
    this.#use(link);
    void this.#keep();
  }

  /**
   * Close all that is open; whoever waits here gets the failure.
   * @param {StreamError} failure
   */
  close(failure = new ClientClosedError("the client is closed")) {
    if (this.status.failure !== null) return;
    this.#tell({ state: "Closed", failure });
    this.#ended.set();
    this.#changed.set();
    for (const link of [this.#link, ...this.#retiring]) link?.close();
    this.#rider?.wake();
  }

  /** Throw what ended this client for good, if anything did. */
  check() {
    if (this.status.failure !== null) throw this.status.failure;
  }

  /** Return the open connection, waiting for one. */
  async link() {
    for (;;) {
      this.check();
      if (this.#link !== null && !this.#link.closed.isSet) return this.#link;
      this.#changed.clear();
      await firstOf([this.#changed]);
    }
  }

  /**
   * Subscribe the rider here and on every later connection.
   * @param {Rider} rider
   */
  async carry(rider) {
    this.#rider = rider;
    for (let attempt = 0; ; attempt += 1) {
      const link = await this.link();
      try {
        await rider.join(link);
        if (link === this.#link) return;
      } catch (error) {
        if (!(error instanceof TryAgainError)) throw error;
        await this.pause(attempt);
      }
    }
  }

  /**
   * Wait before a request is tried again.
   * @param {number} attempt
   */
  async pause(attempt) {
    await this.#wait(waitBefore(attempt, PAUSES, Math.random()));
  }

  /**
   * Say that an attempt failed, and will be made again.
   * @param {number} attempt
   * @param {string} trouble
   */
  note(attempt, trouble) {
    this.#tell({ attempt, trouble });
  }

  async #keep() {
    try {
      for (;;) {
        const link = /** @type {Link} */ (this.#link);
        await firstOf([link.closed, link.leaving, this.#ended]);
        this.check();
        if (link.closed.isSet) await this.#reconnect(link);
        else await this.#move(link);
      }
    } catch (error) {
      this.close(error instanceof StreamError ? error : new StreamError(`a fault here: ${error}`));
    }
  }

  /** @param {Link} old */
  async #reconnect(old) {
    old.close();
    this.#tell({ state: "Reconnecting" });
    while (!(await this.#takeOver(await this.#connectSomewhere({ isFirst: false }))));
    this.counters.reconnects += 1;
  }

  /**
   * Be elsewhere before leaving; stay if nowhere else is found.
   * @param {Link} old
   */
  async #move(old) {
    this.#tell({ state: "Moving" });
    await this.#wait(Math.random() * this.timing.moveWithin, old.closed);
    for (let attempt = 0; attempt < this.timing.moveAttempts; attempt += 1) {
      if (old.closed.isSet) return;
      if (await this.#tryElsewhere(old, attempt)) {
        this.counters.moves += 1;
        void this.#retire(old);
        return;
      }
      const bounds = { first: 100, most: this.timing.backoff.most };
      await this.#wait(waitBefore(attempt, bounds, Math.random()), old.closed);
    }
    this.counters.movesFailed += 1;
    old.leaving.clear();
    this.#tell({ state: "Connected" });
  }

  /**
   * @param {Link} old
   * @param {number} attempt
   */
  async #tryElsewhere(old, attempt) {
    let link;
    try {
      link = await openLink(this.#nextServer(), this.#access, this.timing);
    } catch (error) {
      this.note(attempt + 1, wordsOf(error));
      return false;
    }
    if (link.serverId !== old.serverId) return this.#takeOver(link);
    this.note(attempt + 1, `${link.url} leads to the server that is to be left`);
    link.close();
    return false;
  }

  /**
   * Close the old connection when the new one has had time to be known in the cluster.
   * @param {Link} old
   */
  async #retire(old) {
    this.#retiring.add(old);
    await firstOf([old.closed, this.#ended], this.timing.settle);
    old.close();
    this.#retiring.delete(old);
    this.#rider?.wake();
  }

  /**
   * Put the rider on a new connection and use it; false if it was gone before that.
   * @param {Link} link
   */
  async #takeOver(link) {
    try {
      if (this.#rider !== null) await this.#rider.join(link);
      this.check();
    } catch (error) {
      link.close();
      if (error instanceof TryAgainError) return false;
      throw error;
    }
    if (link.closed.isSet) return false;
    this.#use(link);
    return true;
  }

  /** @param {{isFirst: boolean}} how */
  async #connectSomewhere({ isFirst }) {
    const deadline = performance.now() + this.timing.connectWithin;
    let refusals = 0;
    this.hurry.clear(); // an earlier hurry is no reason to come in a crowd
    for (let attempt = 0; ; attempt += 1) {
      if (attempt > 0 || !isFirst) await this.#wait(this.#backoff(attempt), this.hurry);
      this.hurry.clear();
      try {
        const link = await openLink(this.#nextServer(), this.#access, this.timing);
        if (this.status.failure !== null) link.close();
        this.check();
        return link;
      } catch (error) {
        this.check();
        if (error instanceof CredentialsRefusedError) refusals += 1;
        if (refusals >= (isFirst ? 1 : REFUSALS_BELIEVED)) throw error;
        if (isFirst && performance.now() > deadline) throw tooLate(error, this.timing);
        this.note(attempt + 1, wordsOf(error));
      }
    }
  }

  /** @param {number} attempt */
  #backoff(attempt) {
    return waitBefore(attempt, this.timing.backoff, Math.random());
  }

  #nextServer() {
    const { servers } = this.#access;
    this.#turn = (this.#turn + 1) % servers.length;
    return /** @type {string} */ (servers[this.#turn]);
  }

  /**
   * Wait that long, or until the signal or the end.
   * @param {number} milliseconds
   * @param {Signal[]} signals
   */
  async #wait(milliseconds, ...signals) {
    await firstOf([this.#ended, ...signals], milliseconds);
    this.check();
  }

  /** @param {Link} link */
  #use(link) {
    this.#link = link;
    const { url, serverId, serverName } = link;
    this.#tell({ state: "Connected", url, serverId, serverName, attempt: 0, trouble: "" });
    this.#changed.set();
    this.#rider?.wake();
  }

  /** @param {Partial<Status>} changes */
  #tell(changes) {
    this.status = { ...this.status, ...changes };
    this.#onStatus(this.status);
  }
}

/**
 * @param {unknown} error
 * @param {Timing} timing
 */
function tooLate(error, timing) {
  const seconds = timing.connectWithin / 1000;
  return new ServersUnreachableError(
    `no server answered within ${seconds} s; the last that was tried: ${wordsOf(error)}`,
  );
}

/** @param {unknown} error */
function wordsOf(error) {
  return error instanceof Error ? error.message : String(error);
}
