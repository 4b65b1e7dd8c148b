"""The files of a host: what a build emits for it against what lies there, with a manifest of what is ours.

/var/lib/vmspec/hostfiles.json     what we put there, with hashes, and the commands that are still due
/var/lib/vmspec/backup/…           files of others that lay where ours lie; they come back when ours go
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from vmspec.deploy import codes, livebefore
from vmspec.deploy.binding import HostError
from vmspec.deploy.failpoints import act
from vmspec.deploy.otherfiles import PlaceFinder, set_elsewhere
from vmspec.deploy.rootfs import Root
from vmspec.deploy.steps import FileBefore, FilesBefore
from vmspec.emit.host import host_files
from vmspec.emit.host.boot import ARGUMENT_COMMANDS, BootOwner, boot_owner
from vmspec.emit.host.file import FileEntry
from vmspec.lower.fleet import HostObject
from vmspec.plan.files import FileAction, FileSetting, FilesPlan, FileStep, KnownFile, WantedFile, plan_files

OWN = "/var/lib/vmspec"
MANIFEST = f"{OWN}/hostfiles.json"
BACKUP = f"{OWN}/backup"
VERSION = 1
OWNERS = {commands.kept: owner for owner, commands in ARGUMENT_COMMANDS.items()}
"""Of the kernel's arguments, by the file that keeps what was handed over."""


@dataclass(frozen=True)
class HostFilesManifest:
    known: tuple[KnownFile, ...] = ()
    due: tuple[str, ...] = ()
    """Commands that a killed run, or a failed command, left to be run."""
    reboot: bool = False
    stale: tuple[str, ...] = ()
    """Paths that are their owners' again, and whose backups are still to go."""
    was: Mapping[str, str] = field(default_factory=dict)
    """Values of the running system before ours, by path."""


def wanted_files(host: HostObject, root: Root, where: PlaceFinder) -> list[WantedFile]:
    made = host_files(host)
    settings = {f.path: tuple(_setting(entry, host, where) for entry in f.entries) for f in made}
    found = [WantedFile(f.target, f.text.encode(), f.after, f.undone, f.reboot, settings[f.path]) for f in made if f.target is not None]
    arguments = next((f for f in made if f.path == "cmdline"), None)
    if arguments is not None and boot_owner(host) in ARGUMENT_COMMANDS:
        found.append(handed_over(boot_owner(host), arguments.text, root, settings[arguments.path]))
    return found


def _setting(entry: FileEntry, host: HostObject, where: PlaceFinder) -> FileSetting:
    """Called as the language does where it is one of its own."""
    own = len(entry.paths) == 1 and entry.paths[0][-1] == entry.name
    return FileSetting(".".join(entry.paths[0]) if own else entry.name, entry.value, where(host, entry.paths))


def handed_over(owner: BootOwner, text: str, root: Root, settings: tuple[FileSetting, ...]) -> WantedFile:
    """By its commands, where no file of ours reaches the boot loader; what it was given before is taken back first."""
    commands, line = ARGUMENT_COMMANDS[owner], text.strip()
    before = (root.read(commands.kept) or b"").decode("utf-8", "replace").strip()
    after = ((commands.take(before),) if before and before != line else ()) + (commands.give(line),)
    return WantedFile(commands.kept, text.encode(), after, (commands.take(line),), True, settings)


def manifest(root: Root) -> HostFilesManifest:
    data = root.read(MANIFEST)
    if data is None:
        return HostFilesManifest()
    try:
        held = json.loads(data)
        files = tuple(known_file(f) for f in held["files"])
        return HostFilesManifest(files, tuple(held["due"]), bool(held["reboot"]), tuple(held.get("stale", ())), dict(held.get("was", {})))
    except (ValueError, KeyError, TypeError):
        raise HostError(codes.FILES_FAILED, f"{MANIFEST} below {root.path} cannot be read: nobody knows which files are ours") from None


def known_file(held: Mapping[str, Any]) -> KnownFile:
    """From JSON. KeyError and TypeError for something else."""
    settings = {str(name): str(value) for name, value in dict(held.get("settings", {})).items()}
    commands = tuple(held["undone"]), bool(held["reboot"]), tuple(held.get("after", ()))
    return KnownFile(held["path"], held["sha256"], *commands, settings, str(held.get("earlier", "")))


def plain_file(file: KnownFile) -> dict[str, object]:
    plain = {"path": file.path, "sha256": file.digest, "undone": list(file.undone), "reboot": file.reboot, "after": list(file.after)}
    return {**plain, "settings": dict(file.settings), "earlier": file.earlier}


def plan(host: HostObject, root: Root, where: PlaceFinder) -> FilesPlan:
    return replace(plan_for(wanted_files(host, root, where), root), elsewhere=set_elsewhere(host, root, where))


def plan_for(wanted: Sequence[WantedFile], root: Root) -> FilesPlan:
    """Towards these files and no others of ours."""
    known = manifest(root)
    paths = dict.fromkeys([*(f.path for f in wanted), *(f.path for f in known.known)])
    backups = [f.path for f in known.known if root.read(f"{BACKUP}{f.path}") is not None]
    found = plan_files(wanted, {path: root.read(path) for path in paths}, known.known, backups)
    unlisted = {(f.path, f.digest) for f in known.known} != {(f.path, f.digest) for f in found.known}
    restored = tuple(command for _, command in livebefore.restored(known.was, livebefore.set_live(wanted)))
    return replace(found, left=known.due, stale=known.stale, owed=known.reboot, unlisted=unlisted, restored=restored)


# -------------------------------------------------------------------------------------------------- going back


def before(found: FilesPlan, root: Root) -> FilesBefore:
    """The step of the journal, to be written before the plan is carried out: which files were ours, and what lay where it changes any."""
    changed = {step.path for step in found.steps}
    known = manifest(root).known
    return FilesBefore(root.path, tuple(FileBefore(file, root.read(file.path) if file.path in changed else None) for file in known))


def plan_back(steps: Sequence[FilesBefore], root: Root) -> FilesPlan | None:
    """Towards the files that were ours, as they were, so that what was made since goes and what others had comes back. `steps` are those
    of deploys that went on with one another, the newest first. None where none of them touched files below this root."""
    about = [step for step in steps if step.root == root.path]
    return plan_for(_were(about, root), root) if about else None


def _were(steps: Sequence[FilesBefore], root: Root) -> list[WantedFile]:
    """The oldest step knows what was ours; a file that it has no content of is as a later one found it, or has not been touched."""
    held: dict[str, bytes] = {}
    for step in steps:
        held |= {each.known.path: each.data for each in step.files if each.data is not None}
    found: list[WantedFile] = []
    for file in (each.known for each in steps[-1].files):
        data = held[file.path] if file.path in held else root.read(file.path)
        settings = tuple(FileSetting(name, value) for name, value in file.settings.items())
        if data is not None and (owner := OWNERS.get(file.path)):
            # What is to be taken back is what has been given since.
            found.append(handed_over(owner, data.decode("utf-8", "replace"), root, settings))
        elif data is not None:
            found.append(WantedFile(file.path, data, file.after, file.undone, file.reboot, settings))
    return found


# ------------------------------------------------------------------------------------------------- carrying out


def carry_out(found: FilesPlan, root: Root, run: bool) -> tuple[list[str], list[str]]:
    """The commands that are to be run (or have been, with `run`), and the failures of those that were."""
    before = manifest(root)
    due = tuple(dict.fromkeys((*before.due, *found.commands)))
    reboot = before.reboot or found.reboot
    failed: list[str] = []
    live = livebefore.set_live(found.known)
    ours_already = livebefore.set_live(before.known)
    was = livebefore.read_live(root.path, [each for each in live if each not in ours_already], before.was)
    kept = {path: value for path, value in was.items() if not any(path in paths for paths, _ in livebefore.restored(was, live))}
    if found.due:
        _back_up(found, root, before.known)
        # Until all is done the manifest names the old and the new, so that a killed run leaves nothing that nobody owns.
        old = {f.path: f for f in before.known}
        new = {f.path: replace(f, earlier=old[f.path].digest) if f.path in old else f for f in found.known}
        both = {**old, **new}
        _save(root, HostFilesManifest(tuple(both.values()), due, reboot, before.stale, was))
        failed += _stopped(found) if run else []
        restored = [step.path for step in found.steps if _step(step, root)]
        # A backup goes only when no manifest calls the file ours any more: else a killed run would take the owner's for ours.
        stale = tuple(dict.fromkeys((*before.stale, *restored)))
        if stale:
            _save(root, HostFilesManifest(found.known, due, reboot, stale, was))
            _sweep(root, [path for path in stale if path not in {f.path for f in found.known}])
    failed += [text for command in due if not _stops(command) and (text := _run(command)) is not None] if run else []
    wrong = tuple(command for command in due if any(text.startswith(f"{command}: ") for text in failed))
    left = HostFilesManifest(found.known, wrong, was=kept)
    if found.due or left != before:
        _finish(root, left)
    return list(due), failed


def _stops(command: str) -> bool:
    """Whether it needs the file that is about to go (systemctl(1), disable)."""
    return command.startswith("systemctl disable")


def _stopped(found: FilesPlan) -> list[str]:
    gone = (command for step in found.steps if step.action is FileAction.REMOVE for command in step.commands)
    return [text for command in dict.fromkeys(gone) if _stops(command) and (text := _run(command)) is not None]


def _finish(root: Root, left: HostFilesManifest) -> None:
    """Where nothing is ours any more, our own folder goes too."""
    if left.known or left.due:
        _save(root, left)
        return
    root.remove(MANIFEST)
    for folder in (BACKUP, OWN):
        root.remove_folder(folder)


def _save(root: Root, held: HostFilesManifest) -> None:
    files = [plain_file(f) for f in held.known]
    state = {"due": list(held.due), "reboot": held.reboot, "stale": list(held.stale), "was": dict(held.was)}
    plain = {"version": VERSION, "files": files, **state}
    root.write(MANIFEST, (json.dumps(plain, indent=1) + "\n").encode())


def _sweep(root: Root, stale: Sequence[str]) -> None:
    for path in stale:
        root.remove(f"{BACKUP}{path}")
        _remove_empty(root, f"{BACKUP}{path}")


def _back_up(found: FilesPlan, root: Root, known: Sequence[KnownFile]) -> None:
    """Of what lies where ours will lie; before the manifest calls it ours."""
    ours = {f.path for f in known}
    for file in found.known:
        if file.path not in ours:
            root.copy(file.path, f"{BACKUP}{file.path}")


def _step(step: FileStep, root: Root) -> bool:
    """Whether what lay there before us has been brought back."""
    match step.action:
        case FileAction.CREATE | FileAction.UPDATE:
            root.write(step.path, step.data)
            return False
        case FileAction.REMOVE:
            if root.copy(f"{BACKUP}{step.path}", step.path):
                return True
            root.remove(step.path)
            _remove_empty(root, step.path)
            return False


KEPT = frozenset(
    f"/etc{path}" for path in ("", "/sysctl.d", "/default", "/default/grub.d", "/modprobe.d", "/modules-load.d", "/tmpfiles.d", "/systemd",
                               "/systemd/system", "/tuned")
)  # fmt: skip
"""Folders of the system: they stay, even where we made them."""


def _remove_empty(root: Root, path: str) -> None:
    folder = path.rpartition("/")[0]
    while folder and folder not in KEPT and folder != OWN and root.remove_folder(folder):
        folder = folder.rpartition("/")[0]


COMMAND_LIMIT = 900
"""Seconds; an initramfs takes a minute or two."""


def _run(command: str) -> str | None:
    """What went wrong with a command. It is our own text (emit/host), made for a shell."""
    with act(f"run {command}"):
        try:
            done = subprocess.run(
                ["/bin/sh", "-c", command], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False, timeout=COMMAND_LIMIT
            )
        except subprocess.TimeoutExpired:
            return f"{command}: it did not end within {COMMAND_LIMIT} s"
    if done.returncode == 0:
        return None
    return f"{command}: {' '.join((done.stderr or done.stdout).split())[:200] or f'exit code {done.returncode}'}"
