// The page: a form, and what is read when it is sent.

import { Reading } from "./reading.js";
import { View, element } from "./view.js";

/** @typedef {import("./reading.js").Wanted} Wanted */

const FIELDS = /** @type {const} */ (["server", "user", "password", "stream", "from"]);
/** May stand in the page's address, as ?server=ws://...; a password must not. */
const DEFAULTS = { server: "ws://localhost:8080", user: "subscriber", stream: "predictions" };

const form = /** @type {HTMLFormElement} */ (element("access"));
const view = new View();
/** @type {Reading | null} */
let reading = null;
let isDue = false;

/** Draw in the next frame, however often this is called before it. */
function draw() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    view.show(reading);
  });
}

function fillForm() {
  const asked = new URLSearchParams(location.search);
  for (const [name, text] of Object.entries(DEFAULTS)) field(name).value = asked.get(name) ?? text;
  if (asked.get("from") === "now") field("from").value = "now";
}

/** @param {string} name */
function field(name) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
}

/** @returns {Wanted} */
function wanted() {
  const values = FIELDS.map((name) => [name, field(name).value]);
  return /** @type {Wanted} */ (Object.fromEntries(values));
}

/**
 * Return what is wrong with an address; empty if nothing is.
 * @param {string} servers
 */
function faultOf(servers) {
  const isGood = servers.split(",").every((server) => /^wss?:\/\/[^/\s]+/.test(server.trim()));
  return isGood ? "" : "An address is ws://host:port, or wss://host:port; commas between several.";
}

/** @param {boolean} isOpen */
function lockForm(isOpen) {
  for (const name of FIELDS) field(name).disabled = isOpen;
}

async function connect() {
  const current = new Reading(wanted(), draw);
  reading = current;
  exposeForInspection(current);
  view.clear();
  lockForm(true);
  draw();
  try {
    await current.run();
  } finally {
    if (reading === current) lockForm(false);
    draw();
  }
}

/**
 * What the page has seen, for the console and for tests.
 * @param {Reading} current
 */
function exposeForInspection(current) {
  const { ledger, lost, counters } = current;
  const points = () => current.samples.last(Infinity, current.name);
  const seen = { ledger, lost, counters, points, status: () => current.status };
  Object.assign(window, { headgate: seen });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const isOpen = reading !== null && reading.status.state !== "Closed";
  if (isOpen) reading?.close();
  else void connect();
});
field("server").addEventListener("input", () => {
  field("server").setCustomValidity(faultOf(field("server").value));
});
element("value").addEventListener("change", (event) => {
  reading?.show(/** @type {HTMLSelectElement} */ (event.target).value);
});
element("window").addEventListener("change", draw);
window.addEventListener("online", () => reading?.hurry());
window.addEventListener("resize", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
setInterval(draw, 1_000); // for what time alone changes: the rate, how long it is quiet

fillForm();
draw();
