"""Newer libvirts: the model has what their schemas have, and their drivers take what examples and the standard library make."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.libvirts import LIBVIRTS
from tests.real.newer import Driver, Refusal, newer
from vmspec.driver.compilation import Compilation
from vmspec.model.kinds import ObjectKind
from vmspec.validate.relaxng_walk import domain_coverage

NAMES = [pytest.param(name, marks=pytest.mark.needs(name)) for name in LIBVIRTS]
EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module", params=NAMES)
def driver(request: pytest.FixtureRequest) -> Iterator[Driver]:
    with newer(request.param) as opened:
        yield opened


@pytest.mark.parametrize("name", NAMES)
def test_the_model_has_every_place_of_the_schema(name: str) -> None:
    assert domain_coverage(LIBVIRTS[name].schemas).missing == ()


def test_it_is_as_new_as_its_name(driver: Driver) -> None:
    library, qemu = driver.versions
    assert f"libvirt-{library[0]}" == driver.libvirt.name
    assert qemu[0] >= 10


def test_examples_are_defined(driver: Driver) -> None:
    """By the driver's own verdict, with VALIDATE; what a host lacks here (devices, TPM, SEV) is no matter of versions."""
    refused = {}
    for folder in sorted(EXAMPLES.iterdir()):
        built = Compilation([folder])
        if folder.is_dir():
            for artifact in built.artifacts():
                if artifact.kind is ObjectKind.VM:
                    verdict = driver.define(artifact.data.decode().replace("type='kvm'", "type='qemu'", 1))
                    if isinstance(verdict, Refusal):
                        refused[f"{folder.name}/{artifact.object}"] = verdict.error
    assert refused == {}
