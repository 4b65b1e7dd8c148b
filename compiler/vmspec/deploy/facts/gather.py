"""Looks at a host: by its libvirt, and by a script that is sent to a shell there and installs nothing."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from vmspec.base.record import record
from vmspec.deploy import codes
from vmspec.deploy.binding import HostError, Refused, libvirt, said
from vmspec.deploy.calls import Patience
from vmspec.deploy.facts.libvirt import ask
from vmspec.deploy.facts.show import SHOW
from vmspec.deploy.facts.system import system_facts
from vmspec.deploy.host import connected
from vmspec.importing.host_facts import libvirt_facts, with_libvirt
from vmspec.importing.xml import NotXml
from vmspec.model.facts import HostFacts

SCRIPT = Path(__file__).with_name("gather.sh")
LIMIT = 120.0
"""Seconds for the script."""
MOST = 32 << 20
"""Bytes that it may print; a host of 512 CPUs prints about one million."""


@record(frozen=True, slots=True, kw_only=True)
class Where:
    """How a host is looked at. `uri`: its libvirt; `ssh`: words of ssh that reach a shell there; `root`: a tree of this machine."""

    uri: str | None = None
    ssh: tuple[str, ...] = ()
    root: str | None = None


def where(uri: str | None, ssh: str | None, root: str | None) -> Where:
    """A URI of libvirt over ssh tells how a shell there is reached; one of another machine without ssh is asked by libvirt alone."""
    if ssh is not None:
        return Where(uri=uri, ssh=_ssh(ssh))
    parts = urlsplit(uri or "")
    if uri is None or parts.hostname is None:
        return Where(uri=uri, root=root or "/")
    return Where(uri=uri, ssh=_by_uri(parts) if parts.scheme.endswith(("+ssh", "+libssh", "+libssh2")) else (), root=root)


def facts_of(at: Where, patience: Patience | None = None) -> HostFacts:
    """Raises HostError where the host cannot be looked at."""
    system = HostFacts()
    if at.ssh or at.root is not None:
        system = system_facts(answered(at, SHOW.read_bytes() + SCRIPT.read_bytes()))
    if at.uri is None:
        return system
    with connected(at.uri, change=False, patience=patience) as host:
        try:
            told = ask(host.connection, libvirt().libvirtError)
        except (libvirt().libvirtError, Refused) as error:
            raise HostError(codes.NO_CONNECTION, f"{at.uri} does not tell its capabilities: {said(error)}") from None
    try:
        return with_libvirt(system, told) if at.ssh or at.root is not None else libvirt_facts(told)
    except NotXml as error:
        raise HostError(codes.NO_CONNECTION, f"what {at.uri} tells of itself is not XML: {error.message}") from None


def answered(at: Where, script: bytes) -> str:
    """The lines that a script printed, there or here."""
    root = at.root or "/"
    command = [*at.ssh, f"sh -s -- {shlex.quote(root)}"] if at.ssh else ["sh", "-s", "--", root]
    named = at.ssh[-1] if at.ssh else "this machine"
    try:
        done = subprocess.run(command, input=script, capture_output=True, timeout=LIMIT, env={**os.environ, "LC_ALL": "C"})
    except subprocess.TimeoutExpired:
        raise HostError(codes.FACTS_FAILED, f"{named} did not answer within {LIMIT:g} s") from None
    except OSError as error:
        raise HostError(codes.FACTS_FAILED, f"{command[0]} cannot be run: {error.strerror}") from None
    text = done.stdout[:MOST].decode("utf-8", "replace")
    if done.returncode != 0:
        words = " ".join(done.stderr.decode("utf-8", "replace").split())[-300:]
        raise HostError(codes.FACTS_FAILED, f"{named} cannot be looked at: {words or f'exit code {done.returncode}'}")
    if not text.startswith("C\troot\n"):
        raise HostError(codes.FACTS_FAILED, f"{named} answers with something else than was asked", "does its shell print a greeting?")
    return text


def _ssh(host: str, *options: str) -> tuple[str, ...]:
    """`--` ends ssh's options: a host is never one. BatchMode: who is to be asked for a password is told so instead."""
    return ("ssh", "-o", "BatchMode=yes", *options, "--", host)


def _by_uri(parts: SplitResult) -> tuple[str, ...]:
    """Of `qemu+ssh://user@host:port/system?keyfile=…` (docs/uri.rst of libvirt 9.0.0)."""
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    options: list[str] = []
    if parts.port is not None:
        options += ["-p", str(parts.port)]
    if "keyfile" in query:
        options += ["-i", query["keyfile"]]
    if query.get("no_verify") == "1":
        options += ["-o", "StrictHostKeyChecking=no"]
    if "known_hosts" in query:
        options += ["-o", f"UserKnownHostsFile={query['known_hosts']}"]
    if parts.username:
        options += ["-l", unquote(parts.username)]
    return _ssh(parts.hostname or "", *options)
