// The page proves its verdict by itself: it fetches the card, verifies it here, and demands that the
// ledger goes on from what this phone has seen. It never makes a verdict greener; what does not hold
// takes the place of the verdict.

import { checkCard } from "./verify/card.js";
import { ProofError, UndecidedError } from "./verify/errors.js";
import { unhex } from "./verify/bytes.js";
import { RELEASED, TABLE, TRUST } from "./verify/known.js";
import { WEIGHT } from "./verify/judge.js";
import { judgeLabel } from "./verify/label.js";
import { checkExtends, recall, remember } from "./verify/memory.js";
import { parseTrust } from "./verify/note.js";

const PAUSE_MS = 2000;
const REASONS = ["history.behind", "history.two"];
const panel = document.getElementById("proof");
const verdict = document.getElementById("verdict");
const words = panel.dataset;
const base = words.card.replace(/api\/v1\/.*/, "");
const storage = attempt(() => localStorage);
let card = null;

// A browser may keep its storage from a page altogether.
function attempt(read) {
  try {
    return read();
  } catch {
    return null;
  }
}

async function fetchCard() {
  const answer = await fetch(words.card, { cache: "no-store" });
  if (!answer.ok) throw new Error(`${words.card}: ${answer.status}`);
  card = new Uint8Array(await answer.arrayBuffer());
}

// A card that came and a path that does not: whoever withholds it may hide another history.
async function readPath(old, size) {
  const answer = await fetch(`${base}api/v1/consistency/${old}/${size}`, { cache: "no-store" });
  if (!answer.ok) throw new UndecidedError("history.unproved", `${answer.url}: ${answer.status}`);
  return (await answer.json()).path.map(unhex);
}

async function judgeCard() {
  if (!globalThis.crypto?.subtle) throw new Error("this page is not encrypted");
  await fetchCard();
  const asked = { code: words.code, document: words.document, mark: words.mark };
  const now = Math.floor(Date.now() / 1000);
  const trust = await parseTrust(TRUST);
  return checkCard(card, { trust, now, table: TABLE, released: RELEASED, asked });
}

const undecided = (reason, why) => ({
  outcome: "undecided",
  level: "cannot-tell",
  reason,
  params: { why },
});

async function prove() {
  let judged = await judgeCard();
  if (judged.outcome !== "verified") return judged;
  const seen = recall(storage, judged.ledger);
  if (seen && judged.size < seen.size) {
    // One of several servers may be a moment behind the others.
    await new Promise((done) => setTimeout(done, PAUSE_MS));
    judged = await judgeCard();
    if (judged.outcome !== "verified") return judged;
  }
  try {
    await checkExtends(seen, judged, readPath);
  } catch (error) {
    if (error instanceof ProofError) throw error;
    return undecided("history.unproved", error.message);
  }
  const isKept = remember(storage, judged.ledger, judged);
  // What stands behind the # of a label's link never reaches the server: only this page can judge it.
  const label = location.hash.slice(1);
  const known = { ...RELEASED, rows: JSON.parse(words.numbers ?? "[]") };
  const reason = label && judged.record ? await judgeLabel(label, judged, known) : "";
  if (reason) return { ...judged, outcome: "refuted", reason, params: { why: reason } };
  return { ...judged, isFirst: !seen, isKept, label };
}

function say(state, text, detail) {
  panel.dataset.state = state;
  panel.firstElementChild.textContent = text;
  panel.lastElementChild.textContent = detail;
  panel.hidden = false;
}

// What the card says, in the ledger's own codes: a page could show other goods than it proves.
function told(record) {
  const rows = record?.get("contents") ?? record?.get("rows") ?? [];
  const codes = ["quantity", "unit", "term", "taxon", "source", "origin"];
  return rows.map((row) => codes.map((code) => row.get(code)).join(" ")).join("; ");
}

// A stop of its own, in place of the verdict, with the bytes that did not hold to be kept.
function refute(reason, detail) {
  const isLabel = reason.startsWith("label.");
  const shown = isLabel || REASONS.includes(reason) ? reason : "proof.failed";
  verdict.replaceChildren(document.getElementById("refuted").content.cloneNode(true));
  const whys = [...verdict.querySelectorAll("[data-why]")];
  const said = isLabel && !whys.some((why) => why.dataset.why === reason) ? "label" : shown;
  for (const why of whys) why.hidden = why.dataset.why !== said;
  const link = verdict.querySelector("a");
  link.href = URL.createObjectURL(new Blob([card]));
  Object.assign(verdict.dataset, { level: "stop", reason: shown, outcome: "refuted" });
  say("refuted", words.refuted, detail);
  verdict.scrollIntoView();
}

function show(judged) {
  const { outcome, level, reason } = judged;
  if (outcome === "refuted") return refute(reason, judged.params.why);
  // Days, too, are judged by the clock of this phone.
  const isBehind = outcome === "verified" && judged.age < -TABLE.clock_behind_s;
  if (reason !== "clock.behind" && WEIGHT[level] > WEIGHT[verdict.dataset.level]) {
    const isOld = reason.startsWith("age.");
    Object.assign(verdict.dataset, { level, reason, doubt: "" });
    const text = outcome === "undecided" ? words.unread : isOld ? words.age : words.graver;
    return say("graver", isBehind && level !== "stop" ? words.clock : text, reason);
  }
  if (isBehind) return say("unproved", words.clock, reason);
  if (outcome !== "verified") return say("unproved", words.unproved, judged.params.why);
  const text = judged.isKept ? (judged.isFirst ? words.first : words.proved) : words.bare;
  say("proved", judged.label ? `${words.label} ${text}` : text, told(judged.record));
}

// One marked piece of the same goods: its page judges the label that was scanned, too.
const piece = document.getElementById("piece");
piece?.addEventListener("submit", async (event) => {
  if (!location.hash) return;
  event.preventDefault();
  const asked = `${piece.action}?${new URLSearchParams(new FormData(piece))}`;
  const { url } = await fetch(asked).catch(() => ({ url: asked }));
  location.assign(new URL(url).pathname.startsWith(`${base}m/`) ? url + location.hash : url);
});
const whole = document.querySelector(".asked a");
if (whole) whole.href += location.hash;

prove().then(show, (error) => {
  if (error instanceof ProofError) refute(error.code, error.message);
  else say("unproved", words.unproved, `${error.name}: ${error.message}`);
});
