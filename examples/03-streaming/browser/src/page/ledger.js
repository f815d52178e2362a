// What the page was handed, so that anybody can check the promise: each sequence once, in order. Pure.

export class Ledger {
  /**
   * Stretches without a hole, in the order in which they came: one, if nothing is missing.
   * @type {[first: number, last: number][]}
   */
  runs = [];
  count = 0;

  /** @param {number} sequence */
  add(sequence) {
    this.count += 1;
    const run = this.runs.at(-1);
    if (run !== undefined && sequence === run[1] + 1) run[1] = sequence;
    else this.runs.push([sequence, sequence]);
  }

  /** The last sequence that came; 0 before the first. */
  get last() {
    return this.runs.at(-1)?.[1] ?? 0;
  }
}
