"""Which changes of the code no test notices: mutmut changes one operator, argument or word at a time, and the tests have to fail.

    python tests/mutants.py                  60 mutants of each part, always the same ones
    python tests/mutants.py --count 200 plan
    python tests/mutants.py --seed 2         60 others

PARTS is what is changed, JUDGES the tests that are asked; mutmut finds out which of them reach which function, so that a mutant costs those
alone. One that survives has to stand in tests/mutants.md, with the reason. Sources have to lie in `src` for mutmut (3.8): it works in a
folder of its own, build/mutants, where they do.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "mutants"
WORK = FOLDER / "mutants"
"""Where mutmut keeps the changed sources, and what became of each mutant."""
REASONS = ROOT / "tests" / "mutants.md"
TOOL = Path(sys.executable).with_name("mutmut")
PARTS: Mapping[str, tuple[str, ...]] = {
    "merge": ("evaluate/merge/",),
    "plan": ("plan/",),
    "journal": ("deploy/entry.py", "deploy/journal.py", "deploy/lines.py", "deploy/past.py"),
    "lock": ("lower/lock.py", "lower/lock_stale.py"),
    "check": ("check/run.py",),
}
JUDGES = (
    *(
        "tests/evaluate/test_cases.py",
        "tests/evaluate/test_unset.py",
        "tests/plan",
        "tests/check/test_run.py",
        "tests/check/test_engine.py",
    ),
    *("tests/deploy/test_journal.py", "tests/deploy/test_lines.py", "tests/deploy/test_replay.py", "tests/deploy/test_rollback.py"),
    *("tests/lower/test_lock.py", "tests/lower/test_lock_tables.py"),
)
"""Quick ones, that ask a part directly."""
LINKS = {"src": "compiler", "tests": "tests", "grammar": "grammar", "stdlib": "stdlib", "examples": "examples"}
KILLED = (1, 3, 24, -24, 36, 152, 255)
"""Exit codes of a run that noticed: failed tests, an internal error of pytest, time that ran out (mutmut 3.8, mutmut/stats.py)."""
WANTED = 0.9

Change = tuple[str, tuple[str, ...]]
"""The function, and the lines that went and came."""


@dataclass(frozen=True)
class Mutant:
    name: str
    """As mutmut calls it: `vmspec.plan.power.x_in_order__mutmut_3`."""
    code: int | None

    @property
    def killed(self) -> bool:
        return self.code in KILLED


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("parts", nargs="*", default=[], help=f"of {', '.join(PARTS)}; all where none is named")
    parser.add_argument("--count", type=int, default=60, help="mutants of each part")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    wrong = [part for part in given.parts if part not in PARTS]
    if wrong:
        parser.error(f"no part is named {wrong[0]}: they are {', '.join(PARTS)}")
    chosen = given.parts or list(PARTS)
    prepare()
    sample = {part: random.Random(given.seed).sample(names, min(given.count, len(names))) for part, names in known(chosen).items()}
    mutmut(*(name for names in sample.values() for name in names), quiet=False)
    return report(sample, results())


def prepare() -> None:
    """Writes the mutants and looks which tests reach which function; quick where nothing has changed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, place in LINKS.items():
        if not (FOLDER / name).is_symlink():
            (FOLDER / name).symlink_to(ROOT / place)
    changed = [f"src/vmspec/{place}{'*.py' if place.endswith('/') else ''}" for places in PARTS.values() for place in places]
    options = {
        "source_paths": ["src"],
        "only_mutate": changed,
        "also_copy": ["grammar", "stdlib", "examples"],
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "-p", "no:xdist"],
        "pytest_add_cli_args_test_selection": list(JUDGES),
    }
    lines = [f"{name} =\n" + "\n".join(f"    {each}" for each in values) for name, values in options.items()]
    (FOLDER / "setup.cfg").write_text("[mutmut]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    done = mutmut("nothing.has.this.name")
    if "nothing matches" not in done:
        sys.exit(f"mutmut could not begin:\n{done[-4000:]}")


def mutmut(*names: str, quiet: bool = True) -> str:
    command = [TOOL, "run", "--max-children", "1", *names]
    pipe = subprocess.PIPE if quiet else None
    return (
        subprocess.run(command, cwd=FOLDER, stdout=pipe, stderr=subprocess.STDOUT if quiet else None, text=True, check=False).stdout or ""
    )


def results() -> dict[str, int | None]:
    """Of all mutants, by name: the exit code of the tests, or None where it has not been tried."""
    found: dict[str, int | None] = {}
    for file in sorted(WORK.rglob("*.py.meta")):
        found |= json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"]
    return found


def known(parts: Sequence[str]) -> dict[str, list[str]]:
    """The mutants of each part, in order."""
    every: dict[str, list[str]] = {part: [] for part in parts}
    for file in sorted(WORK.rglob("*.py.meta")):
        place = file.relative_to(WORK / "src" / "vmspec").as_posix()
        for part in parts:
            if place.startswith(PARTS[part]):
                every[part] += json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"]
    return every


def report(sample: Mapping[str, Sequence[str]], codes: Mapping[str, int | None]) -> int:
    """What survived without a reason, and the figures; 1 where there is such a one, or too few were killed."""
    listed = reasons(REASONS.read_text(encoding="utf-8")) if REASONS.exists() else {}
    failed = False
    figures: list[str] = []
    for part, names in sample.items():
        mutants = [Mutant(name, codes.get(name)) for name in names]
        left = [mutant for mutant in mutants if not mutant.killed]
        changes = {mutant.name: change(mutant.name) for mutant in left}
        unexplained = [mutant for mutant in left if changes[mutant.name] not in listed]
        for mutant in unexplained:
            function, lines = changes[mutant.name]
            print("\n".join((f"\n### {function}", "", *(f"    {line}" for line in lines), "", f"({mutant.name})")))
        share = (len(mutants) - len(left)) / max(1, len(mutants))
        failed = failed or bool(unexplained) or share < WANTED
        reason = f"{len(left) - len(unexplained)} with a reason, {len(unexplained)} without"
        figures.append(f"{part:8} {len(mutants):4} tried, {share:4.0%} killed; survived: {reason}")
    print("\n" + "\n".join(figures))
    return int(failed)


def change(name: str) -> Change:
    """What a mutant changes, from mutmut's diff: it stays the same when the function is moved or another one is changed."""
    shown = subprocess.run([TOOL, "show", name], cwd=FOLDER, capture_output=True, text=True, check=False).stdout
    lines = [line for line in shown.splitlines() if re.match(r"[-+](?![-+]{2} )", line)]
    return function_of(name), tuple(f"{line[0]} {line[1:].strip()}" for line in lines)


def function_of(name: str) -> str:
    """`vmspec.lower.lock.xǁLockǁvm__mutmut_2` → `vmspec.lower.lock.Lock.vm`."""
    module, _, mangled = name.rpartition(".")
    plain = mangled.rpartition("__mutmut_")[0]
    return f"{module}.{plain.removeprefix('xǁ').replace('ǁ', '.') if 'ǁ' in plain else plain.removeprefix('x_')}"


def reasons(text: str) -> dict[Change, str]:
    """The list of those that may survive: below the name of a function the lines, and below them why."""
    found: dict[Change, str] = {}
    for function, body in sections(text):
        lines: list[str] = []
        for line in body:
            if line.startswith("    "):
                lines.append(line.strip())
            elif line.strip() and lines:
                found[function, tuple(lines)] = line.strip()
                lines = []
    return found


def sections(text: str) -> Iterator[tuple[str, list[str]]]:
    for section in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        head, *body = section.splitlines()
        yield head.strip(), body


if __name__ == "__main__":
    sys.exit(main())
