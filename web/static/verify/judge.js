// Levels: from proved records, findings and age to what is shown. The twin of ledger/verify/judge.py,
// gather.py and parting.py; which reason has which level stands in verdict.json, which both read.

import { hex, isBytes, isCount, isHash, isMap, isText } from "./bytes.js";
import { MalformedError } from "./errors.js";

const HOUR_S = 3600;
export const WEIGHT = { stop: 3, "cannot-tell": 2, check: 1, consistent: 0 };
const TELLING = [
  ["lot", "birth"],
  ["ledger", "threshold"],
  ["party", "roles"],
  ["facility", "kind"],
  ["mark", "claims"],
  ["account", "account"],
  ["reference", "table"],
];
// What a verdict compares: a number in their place would never be late, nor a status known.
const TEXTS = ["status", "from_day", "until_day", "ended_day", "issued_day", "how", "basis"];
const COUNTS = ["born_at", "ended_at", "taken_index"];
// What a part takes along from its parent: it names all of these itself that concern it.
const OWN = ["document", "account", "facility"];
const SEVERITIES = ["stop", "check", "note"];
const badRecord = (what) => new MalformedError(`record.${what}`);

// `table`: verdict.json. What is not known to be good is never shown as good: the words stand there.
export function readRecord(path, plain, { kind, table }) {
  const sound =
    isMap(plain) &&
    plain.get("v") === 1 &&
    Array.isArray(plain.get("findings")) &&
    isCount(plain.get("n")) &&
    isHash(plain.get("track"));
  if (!sound) throw badRecord("version");
  const found = kindOf(plain);
  if (kind && kind !== found) throw badRecord("kind");
  const mayBe = (is) => (name) => !plain.has(name) || is(plain.get(name));
  const hasForm = TEXTS.every(mayBe(isText)) && COUNTS.every(mayBe(Number.isInteger));
  if (!hasForm || !mayBe(isMap)("withdrawn")) throw badRecord("form");
  if (found === "lot" && !["born_at", "basis"].every((name) => plain.has(name))) throw badRecord("form");
  const words = found === "lot" ? Object.keys(table.lot_status) : table.statuses[found];
  if (words && !words.includes(plain.get("status"))) throw badRecord("status");
  const on = plain.has("on") ? plain.get("on") : [];
  if (!Array.isArray(on)) throw badRecord("on");
  const cut = on.findIndex((item) => !isBytes(item));
  const paths = cut < 0 ? on : on.slice(0, cut);
  if (!paths.every((item) => isHash(item))) throw badRecord("on");
  const signers = (cut < 0 ? [] : on.slice(cut)).map(signer);
  const findings = plain.get("findings").map(finding);
  return { path: hex(path), kind: found, plain, paths, signers, findings };
}

function signer(row) {
  const isWhole = Array.isArray(row) && row.length === 3 && isHash(row[0]) && isHash(row[1]);
  if (!isWhole || !isCount(row[2])) throw badRecord("on");
  return { path: hex(row[0]), at: row[0], kid: hex(row[1]), last: row[2] };
}

// One that stands for others says how many, and since which leaf; one about a key never does.
function isCounted([, , , , scope, counted]) {
  const isPair = Array.isArray(counted) && counted.length === 2 && counted.every(isCount);
  return isPair && counted[0] > 0 && Array.isArray(scope) && !isHash(scope[0]);
}

// Whatever has another form is no finding that may be passed over.
function finding(row) {
  const isRow = Array.isArray(row) && (row.length === 5 || (row.length === 6 && isCounted(row)));
  const [rule, severity, from, cause, scope] = isRow ? row : [];
  const byKey = Array.isArray(scope) && isHash(scope[0]);
  const isScope = byKey
    ? scope.length === 2 && isCount(scope[1])
    : Array.isArray(scope) && scope.every(isText);
  const isWeight = SEVERITIES.includes(severity);
  if (!isText(rule) || !isWeight || !Number.isInteger(from) || !isHash(cause) || !isScope) {
    throw badRecord("findings");
  }
  return {
    rule,
    severity,
    from,
    cause: hex(cause),
    marks: byKey ? [] : scope,
    kid: byKey ? hex(scope[0]) : null,
    first: byKey ? scope[1] : 0,
  };
}

function kindOf(plain) {
  for (const [kind, member] of TELLING) if (plain.has(member)) return kind;
  const status = plain.get("status");
  if (status === "packed" || status === "opened") return "container";
  if (typeof status === "string") return "document";
  throw badRecord("kind");
}

// The lot and every record it rests on, nearest first; `read` is asked once for each new path.
export async function walk(lot, read) {
  const seen = new Set([lot.path]);
  const reached = [{ record: lot, inherited: false }];
  const ahead = [reached[0]];
  while (ahead.length) {
    const here = ahead.shift();
    for (const path of [...here.record.paths, ...here.record.signers.map((row) => row.at)]) {
      if (seen.has(hex(path))) continue;
      seen.add(hex(path));
      if (seen.size > 5000) throw badRecord("reach");
      const record = await read(path);
      const isAncestor = record.kind === "lot";
      // Who only signed a paper of the goods did not sign for the goods themselves.
      const isAside = here !== reached[0] && here.record.kind === "document";
      const item = { record, inherited: here.inherited || isAncestor || isAside };
      reached.push(item);
      if (isAncestor || record.kind === "document") ahead.push(item);
    }
  }
  return reached;
}

export function lastTrader(reached, table) {
  if (reached[0].record.kind !== "lot") return null;
  const parties = new Map(reached.map((item) => [item.record.path, item.record]));
  let best = null;
  for (const row of reached[0].record.signers) {
    const party = parties.get(row.path);
    if (party?.kind !== "party") continue;
    if ((party.plain.get("roles") ?? []).some((role) => table.officer_roles.includes(role))) continue;
    if (!best || row.last > best.last) best = row;
  }
  return best?.path ?? null;
}

// Until when each ancestor, and what it names, concerns goods that were only taken out of it.
export function cutsOf(reached, table) {
  const lots = new Map(
    reached.filter(({ record }) => record.kind === "lot").map(({ record }) => [record.path, record]),
  );
  const found = new Map();
  const extend = (path, cut) => {
    const known = found.has(path) ? found.get(path) : cut;
    if (!known || !cut) return found.set(path, null);
    const isPart = known.index !== null && cut.index !== null;
    const index = isPart ? Math.max(known.index, cut.index) : null;
    return found.set(path, { at: Math.max(known.at, cut.at), index });
  };
  for (const child of lots.values()) {
    for (const path of child.paths.map(hex)) {
      if (lots.has(path)) extend(path, between(child.plain, lots.get(path).plain, table));
    }
  }
  for (const namer of lots.values()) {
    for (const path of namer.paths.map(hex)) {
      if (!lots.has(path)) extend(path, found.get(namer.path) ?? null);
    }
  }
  return found;
}

function between(child, parent, table) {
  const [at, index] = [child.get("born_at"), child.get("taken_index") ?? null];
  // Of what no part was taken all was used up at once, or came back under this code.
  const isMade = table.made_basis.includes(child.get("basis"));
  return index === null && (!isMade || parent.get("ended_at") === at) ? null : { at, index };
}

const isOfTheRest = (cut, { kind }) => !!cut && cut.index !== null && OWN.includes(kind);

function concerns(cut, record, finding, table) {
  if (!cut || table.of_origin.includes(finding.rule)) return true;
  if (OWN.includes(record.kind)) return !isOfTheRest(cut, record);
  // A part took along what was found about its own marks; seals are no marks of the lot.
  const isMarked = record.kind === "lot" && cut.index !== null && finding.marks.length > 0;
  if (isMarked && finding.marks.every((mark) => hasMark(record.plain, mark))) return false;
  return record.kind === "party" || finding.from <= cut.at;
}

export function gather(reached, { asOf, mark, table }) {
  const cuts = cutsOf(reached, table);
  const rowsOf = ({ record }) => {
    const cut = cuts.get(record.path);
    if (isOfTheRest(cut, record)) return [];
    return record.signers.map((row) => ({ ...row, until: cut?.index ?? Infinity }));
  };
  const own = reached[0].record.signers.map((row) => ({ ...row, until: Infinity }));
  const inherited = reached.slice(1).flatMap(rowsOf);
  const holder = lastTrader(reached, table);
  const meets = (finding, path, rows) =>
    finding.kid === null ||
    rows.some(
      (row) =>
        row.path === path &&
        row.kid === finding.kid &&
        // What a key signed for the rest once it was suspect is not about what was taken before.
        (!table.key_scoped.includes(finding.rule) ||
          (row.last >= finding.first && row.until >= finding.first)),
    );
  const shown = [];
  for (const item of reached) {
    const path = item.record.path;
    for (const finding of item.record.findings) {
      const stop = finding.severity === "stop";
      let counts = (stop || !item.inherited) && meets(finding, path, item.inherited ? inherited : own);
      counts ||= stop && !item.inherited && meets(finding, path, inherited);
      if (table.holder_scoped.includes(finding.rule)) counts = path === holder;
      // What passed without a lot stops the paper, and no goods that passed under it before.
      const alone = item !== reached[0] && item.record.kind === "document";
      if (alone && table.document_alone.includes(finding.rule)) counts = false;
      counts &&= concerns(cuts.get(path), item.record, finding, table);
      const aboutIt = !mark || !finding.marks.length || finding.marks.includes(mark);
      const reaches = counts && finding.from <= asOf && aboutIt;
      shown.push({ ...finding, on: item.record.kind, inherited: item.inherited, reaches });
    }
  }
  return shown;
}

export function judgeLot(reached, { asOf, now, freshness, mark, isBehind, table }) {
  const findings = gather(reached, { asOf, mark, table });
  const reasons = [
    ...goodsReasons(reached[0].record.plain, mark, table),
    ...findingReasons(findings),
    ...restReasons(reached, table),
    ...ageReasons({ asOf, now, freshness, isBehind, table }),
  ];
  return { ...gravest(reasons, table), findings };
}

export function judgeAbsent(code, { asOf, now, freshness, table }) {
  const aged = ageReasons({ asOf, now, freshness, table });
  const stale = aged.find((reason) => reason.level === "cannot-tell");
  return { ...(stale ?? made(code, table)), findings: [] };
}

export function findingReasons(findings) {
  return findings
    .filter((finding) => finding.reaches && finding.severity !== "note")
    .map(({ rule, severity, on }) => ({ code: rule, level: severity, params: { rule, on } }));
}

export function gravest(reasons, table) {
  let chosen = null;
  for (const reason of reasons) {
    if (!chosen || WEIGHT[reason.level] > WEIGHT[chosen.level]) chosen = reason;
  }
  return chosen ?? made("consistent", table);
}

export function made(code, table, params = {}) {
  return { code, level: table.reasons[code].level, params };
}

function goodsReasons(lot, mark, table) {
  const reasons = [];
  const [status, how] = [lot.get("status"), lot.get("how")];
  let code = table.lot_status[status];
  if (status === "retired" && table.missing_how.includes(how)) code = "lot.missing";
  if (code !== "consistent") {
    const ended = lot.get("ended_at");
    const day = ended === undefined ? "" : new Date(ended * 1000).toISOString().slice(0, 10);
    reasons.push(made(code, table, { how: how ?? "", day }));
  }
  if (mark && !hasMark(lot, mark)) reasons.push(made("mark.not-in-lot", table, { mark }));
  return reasons;
}

export function hasMark(lot, mark) {
  return (lot.get("marks") ?? []).some((range) => {
    const [scheme, before, first, last, digits, after] = [
      "scheme", "before", "first", "last", "digits", "after",
    ].map((name) => range.get(name));
    const start = `${scheme}/${before}`;
    if (digits === 0) return mark === start;
    if (!mark.startsWith(start) || !mark.endsWith(after)) return false;
    const serial = mark.slice(start.length, mark.length - after.length);
    const value = Number(serial);
    const padded = /^[0-9]+$/.test(serial) && serial === String(value).padStart(digits, "0");
    return padded && value >= first && value <= last;
  });
}

function restReasons(reached, table) {
  const holder = lastTrader(reached, table);
  const reasons = [];
  const own = new Set(reached[0].record.signers.map((row) => row.path));
  for (const { record } of reached.slice(1)) {
    const status = record.plain.get("status");
    if (record.kind === "party" && status === "suspended" && own.has(record.path)) {
      const inHand = record.path === holder;
      reasons.push(made(inHand ? "party.suspended" : "party.suspended-before", table));
    }
  }
  return reasons;
}

export function ageReasons({ asOf, now, freshness, isBehind, table }) {
  const reasons = [];
  const age = now - asOf;
  const hours = Math.floor(age / HOUR_S);
  if (isBehind) reasons.push(made("history.behind", table));
  if (age > freshness.check_h * HOUR_S) reasons.push(made("age.stale", table, { hours }));
  else if (age > freshness.fresh_h * HOUR_S) reasons.push(made("age.old", table, { hours }));
  else if (age < -table.clock_behind_s) reasons.push(made("clock.behind", table));
  return reasons;
}
