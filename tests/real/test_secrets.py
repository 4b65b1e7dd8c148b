"""Passwords of displays and values of libvirt's secrets: who has none is let in nowhere, and what a deploy is given is written nowhere."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.real.embedded import Hypervisor
    from tests.real.site import Ran, Site

pytestmark = pytest.mark.needs("libvirt", "schemas")

PROGRAM = """
param $pw: secret
param $spice: secret
vm box extends std.base {{
  type = qemu
  cpu {{ count = 1; mode = maximum }}
  memory.size = 64MiB
  title = "{title}"
  graphics vnc {{ type = vnc; passwd = $pw }}
  {more}
}}
"""
SPICE = "graphics spice { type = spice; passwd = $spice }"


def program(title: str = "one", more: str = "") -> str:
    return PROGRAM.format(title=title, more=more)


def port(xml: str, kind: str) -> int:
    return int(xml.partition(f"<graphics type='{kind}' port='")[2].partition("'")[0])


def test_without_its_value_a_display_lets_nobody_in(guests: Hypervisor, tmp_path: Path) -> None:
    """What `build` writes, given to libvirt by other hands."""
    from tests.real.screen import spice_lets_in, vnc_lets_in
    from vmspec.cli.main import main

    (tmp_path / "a.vmspec").write_text(program(more=SPICE))
    assert main(["build", str(tmp_path), "-o", str(tmp_path / "out")]) == 0
    built = (tmp_path / "out" / "domains" / "box.xml").read_text()
    assert built.count("passwd=''") == 2
    assert guests.define_and_start(built).ok
    live = guests.live("box")
    for guess in ("", "x", "$pw", "(secret)"):
        assert not vnc_lets_in(port(live, "vnc"), guess)
        assert not spice_lets_in(port(live, "spice"), guess, tmp_path)
    guests.remove("box")
    assert guests.define_and_start(built.replace("passwd=''", "passwd='hunter2x'")).ok
    live = guests.live("box")
    assert vnc_lets_in(port(live, "vnc"), "hunter2x")
    assert spice_lets_in(port(live, "spice"), "hunter2x", tmp_path)


def test_a_password_is_given_kept_and_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.real.screen import vnc_lets_in
    from tests.real.site import site

    with site(tmp_path) as here:
        here.write(program())
        refused = here.vmc("deploy", "--start", code=5)
        assert "the password of its vnc display was not given: --secret pw=…" in refused.out
        assert here.one("list") == []
        monkeypatch.setenv("PASSWORD", "hunter1x")
        here.vmc("deploy", "--start", "--secret", "pw=env:PASSWORD", code=0)
        at = port(here.one("live", "box"), "vnc")
        assert [vnc_lets_in(at, guess) for guess in ("", "hunter1x")] == [False, True]
        # Without the value nothing is known to differ, and what is there stays, also through a change of something else.
        same = here.vmc("plan", code=0)
        assert "$pw was not given (--secret): the password stays as it is there  (box)" in same.out
        here.vmc("plan", "--secret", "pw=env:PASSWORD", code=0)
        here.write(program("two"))
        here.vmc("deploy", code=0)
        assert [here.one(what, "box") for what in ("password", "live-password")] == ["hunter1x", "hunter1x"]
        # With another value it is a change, made while the guest runs; a file's last line end is none of it.
        (tmp_path / "held").write_text("hunter2x\n")
        given = ("--secret", f"pw=file:{tmp_path}/held")
        differs = here.vmc("verify", *given, code=3)
        assert "graphics.vnc.passwd is (secret), and is to be (secret)" in differs.out
        saved = tmp_path / "saved.json"
        here.vmc("plan", "--out", str(saved), *given, code=3)
        assert saved.stat().st_mode & 0o777 == 0o600
        assert "held" not in saved.read_text(), "where a value comes from is said each time"
        assert "made with the value of the secret pw" in here.vmc("deploy", "--plan", str(saved), code=2).err
        here.vmc("deploy", "--plan", str(saved), *given, code=0)
        assert [vnc_lets_in(at, guess) for guess in ("hunter1x", "hunter2x")] == [False, True]
        here.vmc("verify", *given, code=0)
        # A display that is new, or that somebody has opened, has none to be kept.
        here.write(program("two", SPICE))
        assert "the password of its spice display" not in here.vmc("plan", code=3).out
        assert "its spice display has no password there that could be kept" in here.vmc("deploy", code=5).out
        here.one("define", here.one("inactive", "box"))
        here.write(program("two"))
        assert "its vnc display has no password there" in here.vmc("deploy", code=5).out
        here.vmc("deploy", *given, code=0)
        assert here.one("password", "box") == "hunter2x"


def test_what_cannot_be_a_password_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.real.site import site

    monkeypatch.setenv("EMPTY", "")
    held = tmp_path / "held"
    cases = {
        "env:EMPTY": "is empty",
        "env:NOBODY_SET_THIS": "which is not set",
        f"file:{tmp_path}/none": "No such file or directory",
        f"file:{tmp_path}": "Is a directory",
        "cmd:false": "a command, which ended with 1",
        "cmd:/none/such thing": "a command: No such file",
        "cmd:printf 'hunter2\\0'": "control character",
        "cmd:printf 'hunter2\\n\\n'": "control character",
        "cmd:printf '\\377\\376hunter2'": "no text in UTF-8",
        "cmd:printf hunter234": "more than 8 bytes, and the password of a vnc display no more",
        "fd:1": "that is none to read from",
        "fd:99": "Bad file descriptor",
        "hunter2x": "is to be read from env:NAME, file:PATH, cmd:COMMAND or fd:N",
    }
    with site(tmp_path) as here:
        here.write(program())
        for source, message in cases.items():
            held.write_text("")
            ran = here.vmc("deploy", "--secret", f"pw={source}")
            assert ran.code == 1, (source, ran)
            assert message in ran.err, (source, ran)
            assert "hunter" not in ran.out + ran.err
        for name, message in {"pw2": "did you mean `pw`?", "secret:k": "no VM names a libvirt secret k", "": "is not NAME=SOURCE"}.items():
            assert message in here.vmc("plan", "--secret", f"{name}=env:EMPTY", code=2).err
        for verb in ("build", "check", "diff", "import"):
            done = subprocess.run(
                [sys.executable, "-m", "vmspec.cli.main", verb, str(here.program), "--secret", "pw=cmd:false"],
                capture_output=True,
                check=False,
            )
            assert done.returncode == 2, verb


# ---------------------------------------------------------------------------------------------- nothing is written

PLANTED = {"environment": "planteda", "file": "plantedb", "command": "plantedc", "descriptor": "plantedd", "older": "plantede"}
LEAKY = """
param $a: secret
param $b: secret
param $c: secret
param $d: secret
host n1 {{ uri = "{uri}" }}
vm "box-${{name}}" extends std.base {{
  each $name, $pw in {{ a = $a; b = $b; c = $c; d = $d }}
  place = host(n1)
  type = qemu
  cpu {{ count = 1; mode = maximum }}
  memory.size = 64MiB
  title = "{title}"
  graphics vnc {{ type = vnc; passwd = $pw }}
}}
test "one" {{ vm t extends std.base {{ cpu.count = 1; memory.size = 1GiB; graphics {{ type = vnc; passwd = $a }} }} }}
"""
CRASH = """
import sys
from vmspec.deploy import host
from vmspec.cli.main import main
def crash(self, name, xml, *rest, **more): raise KeyError(xml, self)
define = host.HostConnection.define
def broken(self, name, xml, *rest, **more): return define(self, name, xml.replace(b" passwd=", b" passwd='y' passwd="), *rest, **more)
host.HostConnection.define = crash if sys.argv.pop(1) == "crash" else broken
sys.exit(main(sys.argv[1:]))
"""


def test_planted_secrets_are_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over all commands, with crashes: no file, no output, no command line and no environment of a child has them."""
    from tests.real.site import site

    for name in ("HOME", "TMPDIR", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        (tmp_path / name.lower()).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    vault = tmp_path / "vault"
    vault.mkdir()
    (vault / "file").write_text(PLANTED["file"] + "\n")
    (vault / "command").write_text(PLANTED["command"])
    (vault / "descriptor").write_text(PLANTED["descriptor"])
    said: list[str] = []
    with site(tmp_path) as here, watched(here) as seen:
        run = Runner(here, vault, said)
        here.write(LEAKY.format(title="one", uri=here.uri))
        with_secrets = run.words()
        run("build", here.program, "-o", tmp_path / "out")
        for verb in ("check", "test", "docs", "graph", "fmt"):
            run(verb, here.program, *(("-o", tmp_path / "docs") if verb == "docs" else ()))
        run("build", here.program, "--param", f"a={PLANTED['older']}", code=1)
        for verb in ("eval", "why"):
            run(verb, "box-a:graphics.vnc.passwd", here.program)
        run("explain", "3008")
        run("schema")
        for stage in ("source", "tree", "program", "settled", "fleet", "xml"):
            run("dev", "print", "--stage", stage, here.program, code=None)
        for form in ("json", "sarif", "junit", "github", "concise"):
            run("check", here.program, "--output-format", form)
        for form in ("text", "json", "markdown"):
            run("plan", "n1", here.program, *with_secrets, "--format", form, code=3)
        run("plan", "n1", here.program, *with_secrets, "--out", tmp_path / "saved.json", code=3)
        run.crash("crash", "deploy", "n1", here.program, *with_secrets)
        run.crash("broken", "deploy", "n1", here.program, *with_secrets)
        killed = [run("deploy", "n1", here.program, *with_secrets, code=None, fault=fault).code for fault in ("8", "12", "16")]
        assert -9 in killed
        run("deploy", "--plan", tmp_path / "saved.json", *with_secrets, code=None)
        run("deploy", "n1", here.program, *with_secrets, "--start")
        run("verify", "n1", here.program, *with_secrets, "--prometheus", tmp_path / "metrics")
        run("plan", "n1", here.program)
        for words in (("init", "-q"), ("add", "."), ("-c", "user.name=x", "-c", "user.email=x", "commit", "-qm", "one")):
            subprocess.run(["git", *words], cwd=here.program, check=True)
        here.write(LEAKY.format(title="two", uri=here.uri))
        assert "two" in run("diff", "HEAD", here.program, code=None).out
        (vault / "file").write_text(PLANTED["older"] + "\n")
        run("verify", "n1", here.program, *with_secrets, "--format", "json", code=3)
        run("plan", "n1", here.program, *with_secrets, "--out", tmp_path / "saved.json", code=3)
        run("deploy", "--plan", tmp_path / "saved.json", *with_secrets)
        assert here.one("live-password", "box-b") == PLANTED["older"], "it was in play all the time"
        run("deploy", "n1", here.program, "--format", "json")
        run("rollback", "n1", here.program)
        run("import", here.uri, "-o", tmp_path / "imported")
        assert seen.samples > 20
        assert not seen.leaks, seen.leaks
        everything = "\n".join(said)
        assert not any(value in everything for value in PLANTED.values()), everything
        leaks = [file for file in files_of(tmp_path, here.root) if any(value.encode() in file.read_bytes() for value in PLANTED.values())]
        # The definitions themselves, which libvirt keeps for root alone, and where the values were taken from.
        allowed = [file for file in leaks if file.is_relative_to(vault) or file.parent in (here.root / "etc/qemu", here.root / "run/qemu")]
        assert all(file.stat().st_mode & 0o077 == 0 for file in allowed if not file.is_relative_to(vault))
        assert [file for file in leaks if file not in allowed] == []
        assert any(file.parent == here.root / "etc/qemu" for file in allowed), "the search finds what there is"
        hashes = [digest for value in PLANTED.values() for digest in hashes_with(here.root / "etc/qemu", value)]
        assert hashes
        written = b"".join(file.read_bytes() for file in files_of(tmp_path, here.root))
        assert not any(digest in written for digest in hashes)


def hashes_with(folder: Path, value: str) -> Iterator[bytes]:
    """Of the value, and of each definition that holds it."""
    from hashlib import sha256

    yield sha256(value.encode()).hexdigest().encode()
    for file in folder.glob("*.xml"):
        if value.encode() in file.read_bytes():
            yield sha256(file.read_bytes()).hexdigest()[:32].encode()


def files_of(*folders: Path) -> list[Path]:
    return [file for folder in folders for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]


class Runner:
    """vmc with the secrets in its hands, in all four ways."""

    def __init__(self, here: Site, vault: Path, said: list[str]) -> None:
        self.here, self.vault, self.said = here, vault, said

    def words(self) -> tuple[str, ...]:
        sources = ("a=env:PLANTED", f"b=file:{self.vault}/file", f"c=cmd:cat {self.vault}/command", "d=fd:FD")
        return tuple(word for source in sources for word in ("--secret", source))

    def __call__(self, *words: object, code: int | None = 0, fault: str | None = None, first: tuple[str, ...] = ()) -> Ran:
        from tests.real.site import Ran

        environment = os.environ | {"PLANTED": PLANTED["environment"], "VMC_DEBUG": "1"} | ({} if fault is None else {"VMC_FAULT": fault})
        descriptor = os.open(self.vault / "descriptor", os.O_RDONLY)
        command = [
            sys.executable,
            *(first or ("-m", "vmspec.cli.main")),
            *(str(word).replace("fd:FD", f"fd:{descriptor}") for word in words),
        ]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                check=False,
                timeout=180,
                env=environment,
                cwd=self.here.program,
                pass_fds=(descriptor,),
            )
        finally:
            os.close(descriptor)
        ran = Ran(done.returncode, done.stdout, done.stderr)
        assert code in (None, ran.code), (words, ran)
        self.said += [ran.out, ran.err]
        return ran

    def crash(self, how: str, *words: object) -> None:
        ran = self(*words, code=None, first=("-c", CRASH, how))
        assert ran.code in (1, 5), ran
        assert ("KeyError" if how == "crash" else "passwd redefined") in ran.out + ran.err, ran
        assert "(secret)" in ran.out + ran.err, ran


class Watch:
    def __init__(self) -> None:
        self.samples = 0
        self.leaks: set[str] = set()

    def look(self, mine: int) -> None:
        self.samples += 1
        for process in Path("/proc").glob("[0-9]*"):
            for name in ("cmdline", "environ"):
                try:
                    held = (process / name).read_bytes()
                except OSError:
                    continue
                if int(process.name) == mine or (name == "environ" and b"vmspec.cli.main" in _read(process / "cmdline")):
                    continue
                if name == "environ" and b"passwd=" in _read(process / "cmdline"):
                    continue  # the provoked crashes, which are vmc too
                for value in PLANTED.values():
                    # The one that a person typed as --param, and was told not to.
                    if value.encode() in held and f"a={value}".encode() not in held:
                        self.leaks.add(f"{_read(process / 'cmdline')!r}: {name}")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


@contextmanager
def watched(here: Site) -> Iterator[Watch]:
    """Command lines and environments of all processes, looked at all the time."""
    seen, ended = Watch(), threading.Event()

    def look() -> None:
        while not ended.wait(0.05):
            seen.look(os.getpid())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


# ------------------------------------------------------------------------------------------------ libvirt's secrets

STORED = """
vm box {
  type = qemu
  cpu.count = 1
  memory.size = 64MiB
  disk vda { source = rbd("pool/a", monitors = ["mon:6789"], user = vm, secret = secret("ceph-key")) }
  disk vdb {
    source = file("IMAGE", format = raw)
    encryption { format = luks; passphrases { type = passphrase; secret = secret("luks-key") } }
  }
}
"""
SECRET = "<secret ephemeral='no' private='{private}'><usage type='{kind}'><{tag}>{name}</{tag}></usage></secret>"


@pytest.mark.needs("libvirtd")
def test_values_of_secrets_that_the_host_has(tmp_path: Path) -> None:
    from tests.real.daemon import daemon

    source = tmp_path / "box.vmspec"
    (tmp_path / "box.img").write_bytes(bytes(1 << 20))
    source.write_text(STORED.replace("IMAGE", f"{tmp_path}/box.img"))
    key = base64.b64encode(b"plantedkey").decode()

    def vmc(*words: str, code: int) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "vmspec.cli.main", words[0], here.uri, str(source), "--state-dir", str(tmp_path / "state"), *words[1:]],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env=os.environ | {"KEY": key, "LUKS": "plantedl"},
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert "planted" not in done.stdout + done.stderr
        assert key not in done.stdout + done.stderr
        return done.stdout + done.stderr

    with daemon() as here:
        assert "the ceph secret ceph-key is not there (virsh secret-define)  (box)" in vmc("deploy", code=0)
        missing = vmc("verify", code=3)
        assert "the ceph secret ceph-key is not there" in missing
        assert "the volume secret luks-key is not there" in missing
        uuids = []
        for kind, tag, name, private in (("ceph", "name", "ceph-key", "no"), ("volume", "volume", "luks-key", "yes")):
            (tmp_path / "secret.xml").write_text(SECRET.format(kind=kind, tag=tag, name=name, private=private))
            (tmp_path / "secret.xml").chmod(0o644)
            here.virsh("secret-define", str(tmp_path / "secret.xml"))
            uuids += [line.split()[0] for line in here.virsh("secret-list").splitlines() if name in line]
        assert "the ceph secret ceph-key has no value: --secret secret:ceph-key=…" in vmc("plan", "--start", code=0)
        given = ("--secret", "secret:ceph-key=env:KEY", "--secret", "secret:luks-key=env:LUKS")
        assert "secret ceph-key: value set" in vmc("deploy", *given, code=0)
        assert here.virsh("secret-get-value", uuids[0]).strip() == key
        assert "(private: it cannot be compared)" in vmc("plan", *given, code=3)
        vmc("plan", *given[:2], code=0)
        vmc("verify", *given, code=0)
        other = tmp_path / "other"
        other.write_text(base64.b64encode(b"plantedother").decode() + "\n")
        assert "the ceph secret ceph-key" in vmc("verify", "--secret", f"secret:ceph-key=file:{other}", code=3)
        other.write_text("[client.vm] key = planted")
        assert "is no Base64" in vmc("plan", "--secret", f"secret:ceph-key=file:{other}", code=5)
        journal = b"".join(file.read_bytes() for file in (tmp_path / "state").rglob("*.jsonl"))
        assert b'"step":"secret"' in journal
        assert b"planted" not in journal
        assert key.encode() not in journal
