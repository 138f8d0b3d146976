// The page proves its verdict by itself: it fetches the card, verifies it here, and demands that the
// ledger goes on from what this phone has seen. It never makes a verdict greener; what does not hold
// takes the place of the verdict.

import { checkCard } from "./verify/card.js";
import { ProofError } from "./verify/errors.js";
import { unhex } from "./verify/bytes.js";
import { RELEASED, TABLE, TRUST } from "./verify/known.js";
import { checkExtends, recall, remember } from "./verify/memory.js";
import { parseTrust } from "./verify/note.js";

const PAUSE_MS = 2000;
const WEIGHT = { consistent: 0, check: 1, "cannot-tell": 2, stop: 3 };
const REASONS = ["history.behind", "history.two"];
const panel = document.getElementById("proof");
const verdict = document.getElementById("verdict");
const words = panel.dataset;
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

async function readPath(old, size) {
  const answer = await fetch(`/api/v1/consistency/${old}/${size}`, { cache: "no-store" });
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status}`);
  return (await answer.json()).path.map(unhex);
}

async function judge() {
  await fetchCard();
  const asked = { code: words.code, document: words.document, mark: words.mark };
  const now = Math.floor(Date.now() / 1000);
  const trust = await parseTrust(TRUST);
  return checkCard(card, { trust, now, table: TABLE, released: RELEASED, asked });
}

async function prove() {
  let judged = await judge();
  if (judged.outcome !== "verified") return judged;
  const seen = recall(storage, judged.ledger);
  if (seen && judged.size < seen.size) {
    // One of several servers may be a moment behind the others.
    await new Promise((done) => setTimeout(done, PAUSE_MS));
    judged = await judge();
    if (judged.outcome !== "verified") return judged;
  }
  await checkExtends(seen, judged, readPath);
  if (!seen || judged.size > seen.size) remember(storage, judged.ledger, judged);
  return { ...judged, isFirst: !seen };
}

function say(state, text, detail) {
  panel.dataset.state = state;
  panel.firstElementChild.textContent = text;
  panel.lastElementChild.textContent = detail;
  panel.hidden = false;
}

// A stop of its own, in place of the verdict, with the bytes that did not hold to be kept.
function refute(reason, detail) {
  const shown = REASONS.includes(reason) ? reason : "proof.failed";
  verdict.replaceChildren(document.getElementById("refuted").content.cloneNode(true));
  for (const why of verdict.querySelectorAll("[data-why]")) why.hidden = why.dataset.why !== shown;
  const link = verdict.querySelector("a");
  link.href = URL.createObjectURL(new Blob([card]));
  Object.assign(verdict.dataset, { level: "stop", reason: shown, outcome: "refuted" });
  say("refuted", words.refuted, detail);
  verdict.scrollIntoView();
}

function show(judged) {
  if (judged.outcome === "refuted") return refute(judged.reason, judged.params.why);
  if (judged.outcome !== "verified") return say("unproved", words.unproved, judged.params.why);
  const detail = words.detail.replace("{checks}", judged.checks.length).replace("{size}", judged.size);
  if (judged.reason === "clock.behind") return say("unproved", words.clock, judged.reason);
  if (WEIGHT[judged.level] > WEIGHT[verdict.dataset.level]) {
    const text = judged.reason.startsWith("age.") ? words.age : words.graver;
    Object.assign(verdict.dataset, { level: judged.level, reason: judged.reason, doubt: "" });
    return say("graver", text, judged.reason);
  }
  say("proved", judged.isFirst ? words.first : words.proved, detail);
}

prove().then(show, (error) => {
  if (error instanceof ProofError) refute(error.code, error.message);
  else say("unproved", words.unproved, `${error.name}: ${error.message}`);
});
