"""What cloud-init would leave out of a seed is refused at its line; a seed's bytes are the same wherever and whenever they are made."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pycdlib
import pytest

from tests.cases import Case, differences, params
from vmspec.driver.compilation import Compilation
from vmspec.emit.iso import image
from vmspec.emit.seed import open_values, seed_data, seed_files

HERE = Path(__file__).parent / "seeds"


@pytest.mark.parametrize("case", list(params(HERE)))
def test_seed(case: Case, tmp_path: Path) -> None:
    wrong = differences(case, compiled(tmp_path, case.text).diagnostics)
    assert not wrong, f"{case.place}\n" + "\n".join(wrong)


def compiled(folder: Path, text: str) -> Compilation:
    (folder / "vmspec.toml").write_text('id = "3d0f8a2c-6f0e-4a39-9a63-0f2b7c1d9e51"\n')
    (folder / "main.vmspec").write_text(text)
    return Compilation([folder])


@pytest.fixture
def _far_away() -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "Pacific/Kiritimati"
    time.tzset()
    yield
    os.environ.pop("TZ") if before is None else os.environ.__setitem__("TZ", before)
    time.tzset()


FILES = {"user-data": b"#cloud-config\n{}\n", "meta-data": b"{}\n"}
DIGEST = "0290ee7e5b9116d5c694cac85439af4e56926e100dd2d34ff806e835a9af5cfd"


def test_an_image_is_the_same_bytes_on_every_day() -> None:
    assert sha256(image("cidata", FILES)).hexdigest() == DIGEST
    assert sha256(image("cidata", dict(reversed(FILES.items())))).hexdigest() == DIGEST


@pytest.mark.usefixtures("_far_away")
def test_and_in_every_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 4_000_000_000.5)
    assert sha256(image("cidata", FILES)).hexdigest() == DIGEST
    assert pycdlib.pycdlib.time is time, "pycdlib has its clock back"


def test_what_the_image_holds() -> None:
    disc = pycdlib.PyCdlib()
    disc.open_fp(io.BytesIO(image("cidata", FILES)))
    for name, data in FILES.items():
        for where in ({"rr_path": f"/{name}"}, {"joliet_path": f"/{name}"}):
            found = io.BytesIO()
            disc.get_file_from_iso_fp(found, **where)
            assert found.getvalue() == data
    assert disc.pvd.volume_identifier.rstrip() == b"cidata"
    disc.close()


SECRET = """
param $pw: secret
profile tuned { seed.cloud-config { package_update = true; runcmd += [[ls]] } }
vm a extends tuned {
  memory.size = 1GiB; cpu.count = 1
  seed {
    cloud-config { users = [{ name = x; hashed_passwd = $pw }]; runcmd += [[echo, $pw]]; chpasswd { expire = false } }
    meta-data { role = db }
  }
}
"""


def test_secrets_are_left_out_until_somebody_gives_them(tmp_path: Path) -> None:
    compilation = compiled(tmp_path, SECRET)
    assert not compilation.diagnostics
    (vm,) = compilation.fleet.vms
    files = {name: data.decode() for name, data in seed_files(vm).items()}
    assert "hashed_passwd" not in files["user-data"]
    assert [(each.param, each.path) for each in open_values(vm)] == [
        ("pw", "seed.cloud-config.runcmd[1][1]"),
        ("pw", "seed.cloud-config.users[0].hashed_passwd"),
    ]
    assert open_values(vm, {"pw": "$6$x"}) == ()
    assert b'"hashed_passwd": "$6$x"' in seed_files(vm, {"pw": "$6$x"})["user-data"]
    assert seed_data(vm) != seed_data(vm, {"pw": "$6$x"})
    assert '"expire": false' in files["user-data"]
    assert '"ls"' in files["user-data"]
    assert '"role": "db"' in files["meta-data"]


def test_user_data_of_ones_own_leaves_the_cloud_config_of_profiles_to_the_vendor_data(tmp_path: Path) -> None:
    text = SECRET.replace("meta-data { role = db }", 'user-data = "#!/bin/sh\\necho"')
    (vm,) = compiled(tmp_path, text).fleet.vms
    files = seed_files(vm)
    assert files["user-data"] == b"#!/bin/sh\necho"
    assert files["vendor-data"].startswith(b"#cloud-config\n{")


def test_the_instance_id_is_of_the_first_build_and_stays(tmp_path: Path) -> None:
    first = compiled(tmp_path, SECRET)
    kept = first.lock.vm(None, "a").instance_id
    assert kept is not None and kept.startswith("i-")
    from vmspec.driver.build import write_lock

    write_lock(first)
    other = compiled(
        tmp_path, SECRET.replace("vm a extends tuned {", "vm a extends tuned {\n  uuid = 8d6cbd4d-2c3f-4d6e-9e3a-0c1d2e3f4a5b")
    )
    assert other.lock.vm(None, "a").instance_id == kept
    assert f'"instance-id": "{kept}"'.encode() in seed_files(other.fleet.vms[0])["meta-data"]
