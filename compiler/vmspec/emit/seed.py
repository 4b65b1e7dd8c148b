"""The seed of a guest as the bytes that lie on its host: an ISO image, or Ignition's file; the same for the same values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial

from vmspec.base.record import record
from vmspec.emit.artifact import Artifact, no_marks
from vmspec.lower.fleet import Vm
from vmspec.model.document import Place, Plain, plain, shown_place, unfolded
from vmspec.model.seed import Seed, is_nocloud
from vmspec.model.value import Secret, Value

HEADER = "#cloud-config\n"
VOLUME = "cidata"
"""cloud-init 26.2, doc/rtd/reference/datasources/nocloud.rst: a file system of this label, in small or large letters."""
WINDOWS = "UNATTEND"


@record(frozen=True)
class OpenValue:
    """A secret that has no value: what it belongs to is left out."""

    param: str
    path: str
    """In the language: `seed.cloud-config.users[0].hashed_passwd`."""
    file: str
    place: str
    """In the file, the same without the language's words."""


def seed_files(vm: Vm, values: Mapping[str, str] | None = None) -> dict[str, bytes]:
    """By name, what the guest reads; `values` of parameters that are secrets."""
    return _Filling(values or {}).files(vm)


def open_values(vm: Vm, values: Mapping[str, str] | None = None) -> tuple[OpenValue, ...]:
    """The secrets of a seed that these values do not tell."""
    if vm.spec.seed is None:
        return ()
    filling = _Filling(values or {})
    filling.files(vm)
    return tuple(filling.open)


def seed_data(vm: Vm, values: Mapping[str, str] | None = None) -> bytes:
    """What lies at the path of the seed."""
    from vmspec.emit.iso import image

    seed = vm.spec.seed
    assert seed is not None
    files = seed_files(vm, values)
    if seed.ignition is not None:
        return files["config.ign"]
    return image(VOLUME if is_nocloud(seed) else WINDOWS, files)


def seed_artifact(vm: Vm) -> Artifact | None:
    """As a build writes it: without secrets, and for nobody but its owner, since user data holds hashes of passwords."""
    if vm.spec.seed is None:
        return None
    return Artifact(seed_file(vm), seed_data(vm), vm.where(("seed",)), no_marks, object=vm.name, private=True)


def seed_file(vm: Vm) -> str:
    """Its path in the output."""
    ignition = vm.spec.seed is not None and vm.spec.seed.ignition is not None
    path = f"seeds/{vm.name}.{'ign' if ignition else 'iso'}"
    return path if vm.host is None else f"hosts/{vm.host}/{path}"


class _Filling:
    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values
        self.open: list[OpenValue] = []

    def files(self, vm: Vm) -> dict[str, bytes]:
        seed = vm.spec.seed
        assert seed is not None
        if seed.ignition is not None:
            return {"config.ign": self._text(seed.ignition, "ignition", "config.ign").encode()}
        if seed.unattend is not None:
            return {"autounattend.xml": seed.unattend.encode()}
        return {name: text.encode() for name, text in self._nocloud(seed, vm.name)}

    def _nocloud(self, seed: Seed, name: str) -> Iterator[tuple[str, str]]:
        meta: dict[str, Value] = {"instance-id": seed.instance_id or "", "local-hostname": name, **(seed.meta_data or {})}
        yield "meta-data", _json(self._plain(unfolded(meta), "meta-data", "meta-data"))
        if seed.network_config is not None:
            yield "network-config", self._text(seed.network_config, "network-config", "network-config")
        config = "user-data" if seed.user_data is None else "vendor-data"
        written = None
        if seed.cloud_config:
            written = HEADER + _json(self._plain(unfolded(seed.cloud_config), "cloud-config", config))
        yield "user-data", seed.user_data if seed.user_data is not None else written or HEADER
        if seed.user_data is not None and written is not None:
            yield "vendor-data", written

    def _text(self, value: Value, where: str, file: str) -> str:
        if isinstance(value, str):
            return value if value.endswith("\n") else f"{value}\n"
        assert isinstance(value, Mapping)
        return _json(self._plain(value, where, file))

    def _fill(self, secret: Secret, place: Place, where: str, file: str) -> str | None:
        if secret.name not in self.values:
            within = shown_place(place)
            joint = "" if within.startswith("[") else "."
            self.open.append(OpenValue(secret.name, f"seed.{where}{joint}{within}", file, within))
        return self.values.get(secret.name)

    def _plain(self, value: Value, where: str, file: str) -> Plain:
        return plain(value, partial(self._fill, where=where, file=file))


def _json(value: object) -> str:
    """JSON is YAML too; line separators of Unicode would end a line for some readers and not for others."""
    text = json.dumps(value, indent=1, ensure_ascii=False)
    return "".join(f"\\u{ord(c):04x}" if c in "\x7f\x85\u2028\u2029\ufeff" else c for c in text) + "\n"
