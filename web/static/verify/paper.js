// Levels of documents: in force, confirmed, not used up. The twin of ledger/verify/paper.py; which
// reason has which level stands in the table.

import { MalformedError } from "./errors.js";
import { ageReasons, findingReasons, gather, gravest, made } from "./judge.js";

const DAY_S = 86400;
const ENDED = ["cancelled", "replaced", "seized"];
const LAST = ["import", "sale"];
const DAY = /^(?!0000)[0-8]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;
const dayOf = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);
const daysIn = (year, month) => new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();

// `reached`: the document and who signed for it. `months`: the longest term of each kind.
export function judgeDocument(reached, { name, asOf, now, freshness, isBehind, table, months }) {
  const findings = gather(reached, { asOf, table });
  const state = reached[0].record.plain;
  const reasons = [
    ...forceReasons(state, { name, now, table, months }),
    ...findingReasons(findings),
    ...standingReasons(state, reached, table),
    ...ageReasons({ asOf, now, freshness, isBehind, table }),
  ];
  return { ...gravest(reasons, table), findings };
}

function forceReasons(state, { name, now, table, months }) {
  const [today, yesterday] = [dayOf(now), dayOf(now - DAY_S)];
  const last = lastDay(state, name, months);
  const withdrawn = state.get("withdrawn");
  let [status, level] = [state.get("status"), "stop"];
  if (!ENDED.includes(status)) {
    const runs = (days) =>
      days.get("from_day") <= today && today <= (days.get("until_day") ?? today);
    if ((state.get("suspended") ?? []).some(runs)) status = "suspended";
    else if (withdrawn) {
      status = withdrawn.get("status");
      level = status === "rejected" ? "stop" : "check";
    } else if (last !== undefined && last < yesterday) [status, level] = ["expired", "check"];
    else status = "";
  }
  const reasons = [];
  const [first, ended] = [state.get("from_day"), state.get("ended_day")];
  if (status) reasons.push({ code: "document.not-in-force", level, params: { document: name, status } });
  if (first !== undefined && first > dayOf(now + DAY_S)) {
    reasons.push(made("document.early", table, { day: first }));
  }
  if (ended !== undefined && ended < yesterday) {
    reasons.push(made("document.spent", table, { day: ended }));
  }
  return reasons;
}

function standingReasons(state, reached, table) {
  const reasons = [];
  if (state.get("status") === "recorded") reasons.push(made("document.copy", table));
  const isSuspended = ({ record }) =>
    record.kind === "party" && record.plain.get("status") === "suspended";
  if (reached.some(isSuspended)) reasons.push(made("document.signer-suspended", table));
  const drawn = state.get("drawn") ?? new Map();
  const isDrawn = (way) => isFull(state, linesOf(drawn.get(way) ?? []));
  if (LAST.some(isDrawn)) reasons.push(made("document.used-up", table));
  else if (isDrawn("export")) reasons.push(made("document.left", table));
  return reasons;
}

function isFull(state, passed) {
  const covered = linesOf(state.get("rows") ?? []);
  const lines = [...covered.keys(), ...passed.keys()];
  return passed.size > 0 && lines.every((line) => (covered.get(line) ?? 0) <= (passed.get(line) ?? 0));
}

function linesOf(rows) {
  const lines = new Map();
  for (const row of rows) {
    const line = JSON.stringify(["taxon", "term", "unit", "source", "origin"].map((n) => row.get(n)));
    lines.set(line, (lines.get(line) ?? 0) + row.get("quantity"));
  }
  return lines;
}

// As it says, and no later than its kind allows.
export function lastDay(state, name, months) {
  // A copy may say its first day alone: it was issued by then.
  const issued = state.get("issued_day") ?? state.get("from_day");
  const until = state.get("until_day");
  if (issued !== undefined && !isDay(issued)) throw new MalformedError("record.day");
  const term = months[name.split("/")[1]];
  const ends = issued === undefined || term === undefined ? [] : [monthsAfter(issued, term)];
  if (until !== undefined) ends.push(until);
  return ends.sort()[0];
}

function isDay(text) {
  return DAY.test(text) && +text.slice(8) <= daysIn(+text.slice(0, 4), +text.slice(5, 7));
}

function monthsAfter(day, count) {
  const months = +day.slice(5, 7) - 1 + count;
  const [year, month] = [+day.slice(0, 4) + Math.floor(months / 12), (months % 12) + 1];
  const last = Math.min(+day.slice(8), daysIn(year, month));
  return [String(year).padStart(4, "0"), ...[month, last].map((n) => String(n).padStart(2, "0"))].join("-");
}
