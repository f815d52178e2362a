// Under which subjects a stream repeats its messages for live readers. Pure.
//
// A gateway's streams send every message, once it is stored, to a second subject, with its sequence
// in the headers. Reading that costs a server no more than a plain subscription.

/**
 * @typedef {object} StreamShape What of a stream's configuration and state matters to a reader.
 * @property {string} name
 * @property {readonly string[]} subjects
 * @property {number} first The first sequence it holds; one more than `last` when it holds nothing.
 * @property {number} last The last sequence that it gave out, whether it still holds it or not.
 * @property {boolean} isDirect Any replica answers for what is stored.
 * @property {string} repeatedFrom
 * @property {string} repeatedTo
 * @property {boolean} isHeadersOnly
 */

/**
 * Return what to subscribe to for the whole stream, or null if it is not all repeated live.
 *
 * Two streams may repeat below one prefix, so the prefix itself would bring other streams too.
 * @param {StreamShape} shape
 * @returns {string[] | null}
 */
export function liveSubjects(shape) {
  if (!shape.isDirect || shape.isHeadersOnly || !shape.repeatedTo) return null;
  const from = headOf(shape.repeatedFrom || ">");
  const to = headOf(shape.repeatedTo);
  if (from === null || to === null) return null;
  const isAll = shape.subjects.every((subject) => subject.startsWith(from));
  return isAll ? shape.subjects.map((subject) => to + subject.slice(from.length)) : null;
}

/**
 * Return what stands before the `>` of a plain prefix such as `headgate.live.>`; null for others.
 * @param {string} pattern
 */
function headOf(pattern) {
  const head = pattern.slice(0, -1);
  const isPlain = pattern.endsWith(">") && (head === "" || head.endsWith("."));
  return isPlain && !/[*>{}$]/.test(head) ? head : null;
}
