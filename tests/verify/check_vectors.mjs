// Reach every verdict of tests/vectors/verify.json with the modules that the browser loads.
// `node check_vectors.mjs VERIFY_JSON VERDICT_JSON MODULES` prints one line for each difference.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [vectors, table, modules] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(`${modules}/${name}`));
const { checkCard } = await load("card.js");
const { judgeLabel } = await load("label.js");
const { parseTrust } = await load("note.js");
const { unhex } = await load("bytes.js");

const document = JSON.parse(readFileSync(vectors, "utf8"));
const verdicts = JSON.parse(readFileSync(table, "utf8"));
let [done, different] = [0, 0];
for (const row of document.cases) {
  const remembered = row.remembered && { size: row.remembered[0], root: unhex(row.remembered[1]) };
  const verdict = await checkCard(new Uint8Array(Buffer.from(document.cards[row.card], "base64")), {
    trust: await parseTrust(document.trusts[row.trust]),
    now: row.now_s,
    table: verdicts,
    released: document.released,
    asked: { code: row.code, document: row.document, mark: row.mark, remembered },
  });
  const mine = [verdict.outcome, verdict.level, verdict.reason].join(" ");
  const theirs = [row.outcome, row.verdict, row.reason].join(" ");
  const findings = JSON.stringify(verdict.findings.map((f) => [f.rule, f.on, f.reaches]));
  const checks = verdict.checks.map((check) => `${check.name} ${check.outcome}`).join();
  const named = row.checks.filter(([name]) => name !== "findings.open").map((c) => c.join(" ")).join();
  done += 1;
  if (mine !== theirs || findings !== JSON.stringify(row.findings) || checks !== named) {
    different += 1;
    console.log(row.name, "|", mine, "|", theirs, "|", findings, "|", checks, "|", named);
  }
}
for (const row of document.labels ?? []) {
  const proved = await checkCard(new Uint8Array(Buffer.from(document.cards[row.card], "base64")), {
    trust: await parseTrust(document.trusts[row.trust]),
    now: row.now_s,
    table: verdicts,
    released: document.released,
  });
  const reason = await judgeLabel(row.link.split("#")[1], proved, { ...document.released, rows: row.rows });
  done += 1;
  if (reason !== row.reason) {
    different += 1;
    console.log("label", row.name, "|", reason, "|", row.reason);
  }
}
console.log(`${done} cases, ${different} different`);
process.exit(different ? 1 : 0);
