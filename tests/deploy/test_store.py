"""Which folder is a host's: by its UUID, driver and mode, however the URI is written; with what an earlier vmc kept under the URI."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.deploy.test_journal import BEFORE, DEFINED, END, head, put
from vmspec.deploy import store as module
from vmspec.deploy.binding import HostError
from vmspec.deploy.identity import Identity, identity
from vmspec.deploy.journal import History, by_uri
from vmspec.deploy.past import past
from vmspec.deploy.store import Store, store_without

UUID = "4f2f2844-051e-47d4-adef-25676ee54119"


class Known:
    """A host as far as it says who it is."""

    def __init__(self, uri: str, uuid: str | None = UUID, name: str = "n1") -> None:
        self.uri, self._said = uri, (uuid, name)

    def identity(self) -> tuple[str | None, str]:
        return self._said


def key(uri: str, uuid: str | None = UUID, name: str = "n1") -> str:
    return identity(Known(uri, uuid, name)).key  # type: ignore[arg-type]


def test_spellings() -> None:
    system = key("qemu:///system")
    for uri in (
        "qemu+unix:///system",
        "qemu+unix:///system?socket=/nowhere",
        "qemu+ssh://n1/system",
        "qemu+ssh://root@n1.example.org/system",
    ):
        assert key(uri) == system
    assert key("qemu+tls://n1/system", name="n1.example.org") == system
    others = [key("qemu:///session"), key("qemu+ssh://bob@n1/session"), key("xen:///system"), key("qemu:///system", UUID.replace("4", "5"))]
    assert len({system, *others}) == 5
    assert key("qemu+ssh://bob@n1/session") == key("qemu+libssh2://bob@n1.example.org/session")


def test_an_embedded_root_is_itself() -> None:
    with TemporaryDirectory(dir="/tmp") as folder:  # a root has to be short
        Path(folder, "link").symlink_to(Path(folder, "root"))
        one, *others = (key(f"qemu:///embed?root={folder}/{name}") for name in ("root", "link", "a/../root", "other"))
        assert others[:2] == [one, one]
        assert others[2] != one


def test_a_driver_without_a_uuid_is_its_uri() -> None:
    assert key("test:///default", None) == "test:///default"


def of(base: Path, uri: str, name: str = "n1") -> Store:
    known = Identity(f"qemu {UUID} system", "n1-system", name)
    return Store(base / known.folder, known, uri)


def claimed(base: Path, uri: str, name: str = "n1") -> History:
    store = of(base, uri, name)
    store.folder.mkdir(exist_ok=True)
    return store.claim()


def test_the_uri_is_remembered_so_that_history_needs_no_connection(tmp_path: Path) -> None:
    claimed(tmp_path, "qemu:///system")
    claimed(tmp_path, "qemu+ssh://n1/system")
    for uri in ("qemu:///system", "qemu+ssh://n1/system"):
        found = store_without(str(tmp_path), uri)
        assert found is not None
        assert found.folder == of(tmp_path, uri).folder
    assert store_without(str(tmp_path), "qemu:///session") is None


def test_two_hosts_that_say_one_uuid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_names", {})
    claimed(tmp_path, "qemu+ssh://n1/system")
    claimed(tmp_path, "qemu+ssh://n1.example.org/system", "N1.example.org")
    with pytest.raises(HostError, match=r"n2, and says the UUID of N1\.example\.org"):
        claimed(tmp_path, "qemu+ssh://n2/system", "n2")
    # In one command, before either has a folder.
    of(tmp_path / "new", "qemu+ssh://n1/system").checked()
    with pytest.raises(HostError, match="n2, and says the UUID of n1"):
        of(tmp_path / "new", "qemu+ssh://n2/system", "n2").checked()


def old(base: Path, uri: str) -> Path:
    folder = by_uri(base, uri)
    folder.mkdir()
    return folder


def test_what_an_earlier_vmc_kept_is_found_and_moved(tmp_path: Path) -> None:
    uri = "qemu+ssh://n1/system"
    put(old(tmp_path, uri), 1, head(), BEFORE, DEFINED, END)
    assert len(past(of(tmp_path, uri).history())) == 1, "who only looks finds it where it is"
    assert not of(tmp_path, uri).folder.exists()
    assert [each.number for each in past(claimed(tmp_path, uri))] == [1]
    assert not list(by_uri(tmp_path, uri).glob("*.jsonl"))


def journal(folder: Path, number: int, when: str, who: str, **more: Any) -> None:
    put(folder, number, {**head(**more), "when": when, "by": who}, BEFORE, DEFINED, END)


@pytest.mark.parametrize("killed", range(9))
def test_two_spellings_are_put_in_the_order_of_their_times(tmp_path: Path, killed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = "qemu:///system", "qemu+ssh://n1/system"
    journal(old(tmp_path, one), 1, "2026-01-01T00:00:00Z", "a")
    journal(by_uri(tmp_path, one), 2, "2026-01-03T00:00:00Z", "c")
    journal(old(tmp_path, two), 1, "2026-01-02T00:00:00Z", "b")
    journal(by_uri(tmp_path, two), 2, "2026-01-04T00:00:00Z", "d", kind="rollback", of=[1])
    claimed(tmp_path, one)
    with monkeypatch.context() as patch:
        left, rename = [killed], Path.rename

        def dying(self: Path, to: Path) -> Path:
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            return rename(self, to)

        patch.setattr(Path, "rename", dying)
        with suppress(KeyboardInterrupt):
            claimed(tmp_path, two)
    history = claimed(tmp_path, two)
    assert [(each.number, each.by, each.of) for each in past(history)] == [(4, "d", (2,)), (3, "c", ()), (2, "b", ()), (1, "a", ())]
    assert len(list(of(tmp_path, two).folder.glob("before-merge/*"))) == 4, "nothing is deleted"


def test_a_folder_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    store = of(tmp_path, "qemu:///system")
    store.folder.symlink_to(tmp_path / "elsewhere")
    for act in (store.history, store.claim):
        with pytest.raises(HostError, match="is a link"):
            act()
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_host_json_that_cannot_be_read_is_written_anew(tmp_path: Path) -> None:
    claimed(tmp_path, "qemu:///system")
    about = of(tmp_path, "qemu:///system").about
    about.write_text("{")
    claimed(tmp_path, "qemu:///system")
    assert json.loads(about.read_text())["uris"] == ["qemu:///system"]
