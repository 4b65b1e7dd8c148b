"""libvirt's binding for Python: loaded by the first command that talks to a host, and its errors as ours."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from vmspec.base.code import Code
from vmspec.base.diagnostic import Diagnostic
from vmspec.base.unspoken import unspoken
from vmspec.deploy import codes

INSTALL = "pip install 'vmspec[deploy]' (Debian and Ubuntu: apt-get install python3-dev libvirt-dev pkg-config gcc before it)"


LIBRARY = Path("/usr/lib/python3/dist-packages")
"""Where Debian's and Ubuntu's python3-libvirt puts it, built for the distribution's own Python."""


def how_to_install() -> str:
    """Where the distribution's package is there, a virtual environment only has to see it: no compiler is needed."""
    version = f"{sys.version_info.major}{sys.version_info.minor}"
    if not any(LIBRARY.glob(f"libvirtmod.cpython-{version}-*.so")):
        return f"install it: {INSTALL}"
    return (
        "python3-libvirt is installed, and this environment does not see it: set `include-system-site-packages = true` in "
        f"{Path(sys.prefix, 'pyvenv.cfg')}, or make it with `python3 -m venv --system-site-packages`"
    )


class HostError(Exception):
    """What goes wrong with a host as a whole."""

    def __init__(self, code: Code, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.diagnostic = Diagnostic(code, message, help=help)


class Refused(Exception):
    """libvirt said no to one call; the text is libvirt's."""


_loaded: list[Any] = []


def libvirt() -> Any:
    """The module; HostError where it is missing."""
    if not _loaded:
        # Else the embedded driver writes its log to our standard error.
        os.environ.setdefault("LIBVIRT_LOG_OUTPUTS", "1:file:/dev/null")
        try:
            import libvirt as module  # type: ignore[import-untyped]
        except ImportError:
            raise HostError(codes.NO_BINDING, "Python's binding of libvirt is not installed", how_to_install()) from None
        # The exception carries the message; libvirt need not print it too.
        module.registerErrorHandler(lambda *_: None, None)
        _loaded.append(module)
    return _loaded[0]


def said(error: Exception) -> str:
    """libvirt's message, on one line; of XML that it cannot read it quotes a line, passwords and all (virXMLParseHelper's error,
    src/util/virxml.c 9.0.0)."""
    text = error.get_error_message() if hasattr(error, "get_error_message") else str(error)
    return unspoken(" ".join(str(text or error).split()))
