"""`vmc init`: the files of a new project, which builds as it stands."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

from vmspec.base.code import Code
from vmspec.base.diagnostic import Diagnostic
from vmspec.base.record import record
from vmspec.cli.command import Command, Exit, PositionalArgument
from vmspec.cli.reporting import Reporting, report, say
from vmspec.driver.project import FILE
from vmspec.emit.output_dir_codes import CANNOT_WRITE
from vmspec.report.terminal import safe

EXISTS = Code(
    6905,
    "already-a-project",
    """
    What: `vmc init` found a file that it would have to overwrite.
    Why: A new project id gives every guest another UUID and other MAC addresses: the next deploy would define all of them again.
    """,
)

PROJECT = """\
# UUIDs and MAC addresses of the guests are derived from this id: keep it, and the guests keep theirs.
id = "{id}"
"""
SPEC = """\
# A first guest. `vmc build` writes its libvirt XML to out/; `vmc why web:cpu` says where each value comes from.

profile site extends std.balanced {
  cpu.count ?= 2
}

vm web extends site {
  memory.size = 4GiB
  disk vda { source = file("/var/lib/libvirt/images/web.qcow2", format = qcow2) }
  interface eth0 { source = network("default") }
}
"""
IGNORE = """\
# What `vmc build` writes; vmspec.lock is to be committed.
/out/
"""
FILES = {FILE: PROJECT, "main.vmspec": SPEC, ".gitignore": IGNORE}


@record(frozen=True, kw_only=True)
class Init(Reporting):
    """Start a project: a project file with a new id, a first specification, and what git should ignore."""

    folder: Annotated[str, PositionalArgument("Where.", metavar="DIR")] = "."


def run(options: Init) -> Exit:
    from uuid import uuid4

    folder = Path(options.folder)
    taken = [name for name in FILES if (folder / name).exists() or (folder / name).is_symlink()]
    # An ignore file of the user's own is kept, and ours is not needed then.
    taken = [name for name in taken if name != ".gitignore"]
    if taken:
        return report([Diagnostic(EXISTS, f"{folder / name} exists already") for name in taken], options)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in FILES.items():
            _write(folder / name, text.replace("{id}", str(uuid4())) if name == FILE else text)
    except OSError as error:
        return report([Diagnostic(CANNOT_WRITE, f"{folder} cannot be written: {error.strerror or error}")], options)
    if options.output_format == "full":
        where = "" if options.folder == "." else f" {safe(shlex.quote(options.folder))}"
        say(f"wrote {', '.join(FILES)}\nnext: vmc build{where}\n", sys.stdout)
    return report([], options)


def _write(file: Path, text: str) -> None:
    try:
        with file.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError:
        if file.name != ".gitignore":
            raise


COMMAND = Command(Init, run)
