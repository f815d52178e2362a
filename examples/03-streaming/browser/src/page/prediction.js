// Finds the numbers in a message, and whose prediction it is. Pure.
//
// Any JSON will do: the page offers each number that it finds, such as `score` or `outputs.0.data.0`.

/**
 * @typedef {object} Prediction
 * @property {string} series The model and its version, or else the message's subject.
 * @property {Map<string, number>} values
 */

const MOST_VALUES = 12;
const DEEPEST = 6;
/** Numbers that say nothing of a prediction. */
const NOT_PREDICTIONS = new Set(["shape", "time", "timestamp"]);
/** What is shown first, the best first. */
const PREFERENCES = [/score|probab|predict/i, /^outputs\b.*\bdata\b/, /latency/i, /./];

const decoder = new TextDecoder();

/**
 * Return what a message predicts; without values if there is no number in it.
 * @param {{subject: string, data: Uint8Array}} message
 * @returns {Prediction}
 */
export function readPrediction({ subject, data }) {
  const body = readJson(decoder.decode(data));
  /** @type {Map<string, number>} */
  const values = new Map();
  collect(body, [], values);
  return { series: seriesOf(body) || subject, values };
}

/**
 * Return the value that is drawn unless the reader asks for another.
 * @param {Iterable<string>} names
 * @returns {string | undefined}
 */
export function preferred(names) {
  const all = [...names];
  for (const preference of PREFERENCES) {
    const found = all.find((name) => preference.test(name));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** @param {string} text */
function readJson(text) {
  try {
    return /** @type {unknown} */ (JSON.parse(text));
  } catch {
    return null; // plain text, or binary: a message all the same
  }
}

/**
 * @param {unknown} part
 * @param {readonly string[]} path
 * @param {Map<string, number>} values
 */
function collect(part, path, values) {
  if (values.size >= MOST_VALUES || path.length > DEEPEST) return;
  if (typeof part === "number" && Number.isFinite(part)) {
    values.set(path.join(".") || "value", part);
  } else if (typeof part === "object" && part !== null) {
    for (const [key, inner] of Object.entries(part)) {
      if (!NOT_PREDICTIONS.has(key)) collect(inner, [...path, key], values);
    }
  }
}

/** @param {unknown} body */
function seriesOf(body) {
  const { model, version } = /** @type {{model?: unknown, version?: unknown}} */ (body ?? {});
  return [model, version].filter((part) => typeof part === "string" && part).join(" ");
}
