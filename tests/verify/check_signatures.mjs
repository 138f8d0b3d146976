// Have an engine check public signature vectors by the policy of keys.js, in Node or in a browser:
// `node check_signatures.mjs ROWS_JSON MODULES` prints 1 or 0 for each row of [alg, key, message,
// signature] in hex.

export async function judged(rows, { checkSignature, ProofError, unhex }) {
  const held = [];
  for (const [alg, key, message, signature] of rows) {
    try {
      await checkSignature({ alg, public: unhex(key) }, unhex(message), unhex(signature));
      held.push("1");
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      held.push("0");
    }
  }
  return held.join("");
}

export async function load(folder) {
  const [keys, errors, bytes] = await Promise.all(
    ["keys.js", "errors.js", "bytes.js"].map((name) => import(`${folder}/${name}`)),
  );
  return { ...keys, ...errors, ...bytes };
}

if (globalThis.process?.argv) {
  const { readFileSync } = await import("node:fs");
  const { pathToFileURL } = await import("node:url");
  const rows = JSON.parse(readFileSync(process.argv[2], "utf8"));
  console.log(await judged(rows, await load(pathToFileURL(process.argv[3]))));
}
