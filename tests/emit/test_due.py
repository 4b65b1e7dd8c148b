"""What a build says is to be filled in, and what it does not write."""

import json
from pathlib import Path
from typing import Any

from vmspec.cli.main import main

VM = "vm a {{ cpu.count = 1; memory.size = 1GiB; {} }}\n"


def built(folder: Path, text: str, *words: str) -> tuple[dict[str, Any], str]:
    (folder / "a.vmspec").write_text(text)
    assert main(["build", str(folder), "-o", str(folder / "out"), *words]) == 0
    return json.loads((folder / "out" / "manifest.json").read_text()), (folder / "out" / "domains" / "a.xml").read_text()


def test_the_manifest_names_what_is_open(tmp_path: Path) -> None:
    displays = "graphics vnc { type = vnc; passwd = $a }; graphics sp { type = spice; passwd = $b; listen = 127.0.0.1 }"
    manifest, xml = built(tmp_path, "param $a: secret\nparam $b: secret\n" + VM.format(displays))
    assert manifest["secrets"] == [
        {
            "vm": "a",
            "path": f"graphics.{label}.passwd",
            "param": param,
            "file": "domains/a.xml",
            "place": f"/domain/devices/graphics{at}/@passwd",
        }
        for label, param, at in (("vnc", "a", ""), ("sp", "b", "[2]"))
    ]
    assert xml.count("passwd=''") == 2


def test_a_parameter_that_became_a_password_is_not_repeated(tmp_path: Path) -> None:
    text = 'param $pw: string\nparam $n: int\nlet $all = "${pw}-1"\n' + VM.format(
        "graphics { type = vnc; passwd = $all }; title = text($n)"
    )
    manifest, xml = built(tmp_path, text, "--param", "pw=horse", "--param", "n=3")
    assert manifest["params"] == {"pw": "(secret)", "n": "3"}
    assert "passwd='horse-1'" in xml
    assert (tmp_path / "out" / "domains" / "a.xml").stat().st_mode & 0o777 == 0o600


def test_the_hash_in_the_metadata_covers_no_password(tmp_path: Path) -> None:
    found = set()
    for word in ("horse", "cow"):
        _, xml = built(tmp_path, VM.format(f'graphics {{ type = vnc; passwd = "{word}" }}'))
        found.add(xml.partition(" source='")[2].partition("'")[0])
    assert len(found) == 1
    assert len(found.pop()) == 32


def test_no_hash_of_what_holds_a_password(tmp_path: Path) -> None:
    """Who may read the manifest, but not the definition, could try passwords out."""
    words = tmp_path / "words.vmspec"
    words.write_text('let $word = "horse"\n')
    (tmp_path / "plain.vmspec").write_text("profile p { cpu.count = 1 }\n")
    display = VM.format("graphics { type = vnc; passwd = $word }").replace("vm a", "vm a extends p")
    text = f'import "words.vmspec"\nimport "plain.vmspec"\n{display}'
    manifest, _ = built(tmp_path, text + VM.format("").replace("vm a", "vm b"))
    assert {name: value is None for name, value in manifest["sources"].items()} == {
        "a.vmspec": True,
        "plain.vmspec": False,
        "words.vmspec": True,
    }
    assert manifest["files"]["domains/a.xml"] is None
    assert manifest["files"]["domains/b.xml"] is not None


def test_no_hash_of_a_source_with_the_password_of_another_environment(tmp_path: Path) -> None:
    text = VM.format("graphics v { type = vnc }") + 'env lab { vm a { graphics v { passwd = "horse" } } }\n'
    assert built(tmp_path, text)[0]["sources"]["a.vmspec"] is None
    assert built(tmp_path, VM.format('graphics v { type = vnc; passwd = "" }'))[0]["sources"]["a.vmspec"] is not None
