// Something that happens once, and can be waited for: with a limit, or with others.

export class Signal {
  isSet = false;
  /** @type {Set<() => void>} */
  #waiting = new Set();

  set() {
    this.isSet = true;
    for (const wake of [...this.#waiting]) wake();
  }

  clear() {
    this.isSet = false;
  }

  /**
   * Call back once when it is set, at once if it is; returns how to take that back.
   * @param {() => void} wake
   */
  onSet(wake) {
    if (this.isSet) wake();
    else this.#waiting.add(wake);
    return () => this.#waiting.delete(wake);
  }
}

/**
 * Return when the first of the signals is set, or that many milliseconds have passed.
 * @param {readonly Signal[]} signals
 * @param {number} [milliseconds]
 * @returns {Promise<void>}
 */
export async function firstOf(signals, milliseconds) {
  /** @type {(() => void)[]} */
  const undo = [];
  await new Promise((/** @type {(value?: undefined) => void} */ resolve) => {
    for (const signal of signals) undo.push(signal.onSet(resolve));
    if (milliseconds !== undefined) {
      const timer = setTimeout(resolve, milliseconds);
      undo.push(() => clearTimeout(timer));
    }
  });
  for (const each of undo) each();
}
