"""The fixtures of the tests on real software; each skips by name where its prerequisites are absent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.prerequisites import missing

if TYPE_CHECKING:
    from tests.real.embedded import Hypervisor
    from tests.real.kernel import Kernel


@pytest.fixture(scope="session")
def hypervisor() -> Iterator[Hypervisor]:
    """The embedded QEMU driver, one for the whole session; `guests` hands it out clean."""
    for name in ("schemas", "libvirt"):
        if reason := missing(name):
            pytest.skip(reason)
    from tests.real import embedded

    with embedded.hypervisor() as here:
        yield here


@pytest.fixture
def guests(hypervisor: Hypervisor) -> Iterator[Hypervisor]:
    """The hypervisor, without any domain at the end of the test."""
    yield hypervisor
    hypervisor.clear()


@pytest.fixture(scope="session")
def kernel() -> Kernel:
    """Debian's cloud kernel with its modules, fetched once into the user's cache."""
    if reason := missing("kernel"):
        pytest.skip(reason)
    from tests.real.kernel import fetch_kernel

    return fetch_kernel()
