"""The files of a host as they were before a deploy: what the journal keeps of them, and the plan that brings them back.

A deploy writes down which files were ours, and of those that it is about to change what lay there. Going back is a plan like any other:
wanted are the files that were ours, as they were, so that what was made since goes and what others had comes back.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence

from vmspec.deploy import codes, hostfiles
from vmspec.deploy.binding import HostError
from vmspec.deploy.entry import JournalEntry
from vmspec.deploy.lines import JournalLine
from vmspec.deploy.rootfs import Root
from vmspec.emit.host.boot import ARGUMENT_COMMANDS
from vmspec.plan.files import FileSetting, FilesPlan, WantedFile

OWNERS = {commands.kept: owner for owner, commands in ARGUMENT_COMMANDS.items()}


def before(found: FilesPlan, root: Root) -> JournalLine:
    """The line of the journal, to be written before the plan is carried out."""
    changed = {step.path for step in found.steps}
    known = hostfiles.manifest(root).known
    files = [hostfiles.plain_file(file) | {"data": _kept(root, file.path) if file.path in changed else None} for file in known]
    return {"step": "files", "root": root.path, "files": files}


def _kept(root: Root, path: str) -> str | None:
    data = root.read(path)
    return None if data is None else b64encode(data).decode("ascii")


def plan_back(entries: Sequence[JournalEntry], root: Root) -> FilesPlan | None:
    """Of deploys that went on with one another, the newest first; None where none of them touched files below this root."""
    lines = [line for entry in entries for line in entry.files if line.get("root") == root.path]
    if not lines:
        return None
    try:
        wanted = _wanted(lines, root)
    except (KeyError, TypeError, ValueError):
        raise HostError(codes.BAD_JOURNAL, f"the journal of the files below {root.path} cannot be read") from None
    return hostfiles.plan_for(wanted, root)


def _wanted(lines: Sequence[Mapping[str, object]], root: Root) -> list[WantedFile]:
    """The oldest line knows what was ours; a file that it has no content of is as a later one found it, or has not been touched."""
    held: dict[str, str] = {}
    for line in lines:
        held |= {str(file["path"]): str(file["data"]) for file in _files(line) if file["data"] is not None}
    found: list[WantedFile] = []
    for each in _files(lines[-1]):
        file = hostfiles.known_file(each)
        data = b64decode(held[file.path], validate=True) if file.path in held else root.read(file.path)
        if data is not None:
            settings = tuple(FileSetting(name, value) for name, value in file.settings.items())
            if owner := OWNERS.get(file.path):
                # What is to be taken back is what has been given since.
                found.append(hostfiles.handed_over(owner, data.decode("utf-8", "replace"), root, settings))
            else:
                found.append(WantedFile(file.path, data, file.after, file.undone, file.reboot, settings))
    return found


def _files(line: Mapping[str, object]) -> list[Mapping[str, object]]:
    files = line["files"]
    if not isinstance(files, list):
        raise TypeError(files)
    return files
