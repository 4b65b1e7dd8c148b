"""Suggestions for misspelt names: finds the likeliest known name and words the question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

SHORTEST = 3
"""The shortest prefix or word that is used to find a name."""


def did_you_mean(wrong: str, names: Iterable[str], shown: str = "{}") -> str | None:
    """Ask "did you mean …?" if one of the names is likely; `shown` formats it: `${}` for a variable, `{}()` for a function."""
    name = likeliest(wrong, names)
    return question(shown.format(name)) if name is not None else None


def question(word: str) -> str:
    """The wording of every suggestion."""
    return f"did you mean `{word}`?"


def likeliest(wrong: str, names: Iterable[str]) -> str | None:
    """The nearest name by edit distance; else one with the same words but for some added or missing (`total-iops` for `total-iops-sec`);
    else the only one with this prefix (`desc`). None if there is no single best one."""
    known = sorted(set(names))
    given = _words(wrong.lower())
    some_left_out = _by_words(given, known, exactly=True) if len(given) > 1 else None
    return some_left_out or nearest(wrong, known) or _by_words(given, known) or _begun(wrong.lower(), known)


def nearest(wrong: str, names: Iterable[str]) -> str | None:
    """The candidate with the smallest edit distance, if that is at most a third of the word's length (at least 1), and some letter is the
    same."""
    limit = max(1, len(wrong) // 3)
    ranked = sorted((distance(wrong.lower(), n.lower(), limit), n) for n in set(names))
    return ranked[0][1] if ranked and ranked[0][0] <= min(limit, max(len(wrong), len(ranked[0][1])) - 1) else None


def distance(a: str, b: str, limit: int) -> int:
    """Optimal string alignment distance (a swap of neighbours counts once); `limit + 1` for anything above the limit."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, before, row = before, row, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if last and i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]


def _by_words(given: list[str], names: Sequence[str], exactly: bool = False) -> str | None:
    found = ((_apart(given, _words(name.lower())), name) for name in names)
    ranked = sorted((apart, name) for apart, name in found if apart is not None and not (exactly and apart[1]))
    alone = len(ranked) == 1 or (len(ranked) > 1 and ranked[0][0] < ranked[1][0])
    return ranked[0][1] if alone else None


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[^0-9a-z]+", name) if word]


def _apart(a: list[str], b: list[str]) -> tuple[int, int] | None:
    """The number of extra words and of differently spelt words, if all words of the shorter name occur in the longer one in order."""
    short, long = sorted((a, b), key=len)
    if not any(len(word) >= SHORTEST and not word.isdigit() for word in short):
        return None
    at, otherwise = 0, 0
    for word in short:
        found = next((i for i in range(at, len(long)) if _same(word, long[i])), None)
        if found is None:
            return None
        otherwise += word != long[found]
        at = found + 1
    return len(long) - len(short), otherwise


def _same(a: str, b: str) -> bool:
    """Whether two words are equal or one letter apart; numbers have to be equal."""
    return a == b or (min(len(a), len(b)) > SHORTEST and not (a.isdigit() or b.isdigit()) and distance(a, b, 1) <= 1)


def _begun(wrong: str, names: Sequence[str]) -> str | None:
    fitting = [name for name in names if name.lower().startswith(wrong)] if len(wrong) >= SHORTEST else []
    return fitting[0] if len(fitting) == 1 else None
