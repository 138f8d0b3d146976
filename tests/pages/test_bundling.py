"""One file for the phone: the same verdicts as its modules, and no form that it would garble."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from stall import Stall

from web.assets import BUNDLE, static_files
from web.bundling import bundle, shortened
from web.known import known_module

SHIM = (
    'import { unhex } from "./verify/bytes.js";\n'
    'import { checkCard } from "./verify/card.js";\n'
    'import { judgeLabel } from "./verify/label.js";\n'
    'import { parseTrust } from "./verify/note.js";\n'
    "globalThis.joined = { checkCard, judgeLabel, parseTrust, unhex };\n"
)


def modules(stall: Stall) -> dict[str, str]:
    found = static_files(stall.stand.trust)
    return {path: body.decode() for path, body in found.items() if path.endswith(".js")}


def test_the_joined_file_reaches_every_verdict_of_the_vectors(
    stall: Stall, project_root: Path, tmp_path: Path
) -> None:
    node = shutil.which("node")
    if node is None:
        if os.environ.get("CI"):
            pytest.fail("node is missing in CI")
        pytest.skip("node is not on this machine")
    joined = bundle({**modules(stall), "shim.js": SHIM}, entry="shim.js")
    (tmp_path / "joined.mjs").write_text(joined, encoding="utf-8")
    (tmp_path / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    names = {"card": "checkCard", "label": "judgeLabel", "note": "parseTrust", "bytes": "unhex"}
    for file, name in names.items():
        text = f'import "./joined.mjs";\nexport const {{ {name} }} = globalThis.joined;\n'
        (tmp_path / f"{file}.js").write_text(text, encoding="utf-8")
    tests = project_root / "tests"
    table = project_root / "ledger" / "reference" / "data" / "verdict.json"
    script = tests / "verify" / "check_vectors.mjs"
    words = [node, script, tests / "vectors" / "verify.json", table, tmp_path]
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]


def test_long_names_of_ours_are_shortened_and_no_others(stall: Stall) -> None:
    text = 'const isArray=1;const oneName=(a)=>{a.oneName=Array.isArray(a);};const one_name="x";'
    expected = 'const isArray=1;const $a=(a)=>{a.$a=Array.isArray(a);};const one_name="x";'
    assert shortened(text) == expected
    # No text of the whole has a word that is shortened, so that none is changed.
    made = {**modules(stall), "verify/known.js": known_module(stall.stand.trust)}
    served, whole = made[BUNDLE], bundle(made, entry="proof.js")
    assert shortened(whole) == served
    texts = re.compile(r'"(?:[^"\\\n]|\\.)*"')
    assert sorted(texts.findall(served)) == sorted(texts.findall(whole))


def test_what_parts_no_words_is_left_out_and_literals_stay() -> None:
    text = (
        "// A comment of its own.\n"
        'import { one } from "./b.js";\n'
        "export const three = (x) => {\n"
        '  const spaced = /[ ,]  (?: y)/.test(x) ? `a  ${x}  b` : "c  ; d";\n'
        "  return one + +spaced;\n"
        "};\n"
    )
    joined = bundle({"a.js": text, "b.js": "export const one = 1;\n"}, entry="a.js")
    assert joined.splitlines() == [
        "const one=1;",
        'const three=(x)=>{const spaced=/[ ,]  (?: y)/.test(x)?`a  ${x}  b`:"c  ; d";'
        "return one+ +spaced;};",
    ]


@pytest.mark.parametrize(
    "text",
    [
        'import * as b from "./b.js";\n',
        'import "./b.js";\n',
        'import { b as c } from "./b.js";\n',
        'import { hidden } from "./b.js";\n',
        "export default 1;\n",
        "export { a };\n",
        "const a = 1; // one\n",
        "const a = /* one */ 1;\n",
        "const [a] = [1];\n",
        'import { b } from "./missing.js";\n',
        'import { a } from "./a.js";\nexport const a = 1;\n',
        'import { b } from "./b.js";\nfunction hidden() {}\n',
    ],
)
def test_any_other_form_is_refused(text: str) -> None:
    other = "export const b = 1;\nconst hidden = 2;\n"
    with pytest.raises(ValueError, match=r"(?:a|missing)\.js"):
        bundle({"a.js": text, "b.js": other}, entry="a.js")


def test_what_is_packed_unpacks_to_what_is_sent_plain(stall: Stall, client: FlaskClient) -> None:
    page = client.get(f"/i/{stall.skins}?lang=en", headers={"Accept": "text/html"})
    (script,) = [part for part in page.get_data(as_text=True).split('"') if part.endswith(BUNDLE)]
    paths = (f"/i/{stall.skins}?lang=en", script, f"/api/v1/lots/{stall.skins}/card")
    for path in paths:
        plain = client.get(path)
        packed = client.get(path, headers={"Accept-Encoding": "gzip, br"})
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert int(packed.headers["Content-Length"]) < len(plain.get_data())
        assert gzip.decompress(packed.get_data()) == plain.get_data()
        refused = client.get(path, headers={"Accept-Encoding": "gzip;q=0"})
        assert refused.get_data() == plain.get_data()
