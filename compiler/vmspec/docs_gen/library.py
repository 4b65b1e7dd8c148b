"""The reference of the standard library: a page for each of its profiles, made from its sources and their comments."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.docs_gen.page import DocPage, code, link, page, prose, sentence, table
from vmspec.docs_gen.profiles import described
from vmspec.resolve.program import ProfileDef, Standard

FOLDER = "reference/std"


def pages(standard: Standard) -> Iterator[DocPage]:
    profiles = {name: profile for name in sorted(standard.names) if (profile := standard.profile(name)) is not None}
    yield page(f"{FOLDER}/README.md", _index(profiles))
    for name, profile in profiles.items():
        yield page(f"{FOLDER}/{name}.md", _profile(name, profile, profiles))


def file_of(name: str, profiles: dict[str, ProfileDef]) -> str | None:
    short = name.removeprefix("std.")
    return f"{short}.md" if short in profiles else None


def _index(profiles: dict[str, ProfileDef]) -> Iterator[str]:
    yield "# Standard profiles"
    yield "They are always in scope: `vm web extends std.balanced { … }`. A setting with `?=` is a default, which any `=` replaces."
    yield link("Reference", "../README.md")
    rows = (
        (
            link(code(f"std.{name}"), f"{name}.md"),
            " ".join(link(code(p.name.dotted), file) for p in profile.node.parents if (file := file_of(p.name.dotted, profiles))),
            prose(sentence(profile.node.doc)),
        )
        for name, profile in profiles.items()
    )
    yield table(("Profile", "Extends", "For"), rows)


def _profile(name: str, profile: ProfileDef, profiles: dict[str, ProfileDef]) -> Iterator[str]:
    yield f"# {code(f'std.{name}')}"
    yield f"{link('Standard profiles', 'README.md')} · {link('Reference', '../README.md')}"
    yield from described(profile, lambda parent: file_of(parent.dotted, profiles))
    heirs = [heir for heir, its in profiles.items() if any(file_of(p.name.dotted, profiles) == f"{name}.md" for p in its.node.parents)]
    if heirs:
        yield "**Extended by** " + ", ".join(link(code(f"std.{heir}"), f"{heir}.md") for heir in heirs)
