"""The 1xxx codes: names, and where things may stand."""

from __future__ import annotations

from vmspec.base.code import Code

UNKNOWN_ATTRIBUTE = Code(
    1001,
    "unknown-attribute",
    """
    What: A path names an attribute or block that the model does not have at that place.
    Why: A misspelt attribute that is dropped silently is a guest that is not what its file says.
    Example:
        vm a { memry.size = 1GiB }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1 }
    """,
)
UNKNOWN_VARIABLE = Code(
    1002,
    "unknown-variable",
    """
    What: A `$name` is not bound by a `let`, `param`, `each`, `for` or a parameter of the enclosing profile.
    Why: Variables are lexical: what binds one is always visible in the file or in a file that it imports.
    Example:
        vm a { memory.size = $size }
    Instead:
        let $size = 1GiB
        vm a { memory.size = $size; cpu.count = 1 }
    """,
)
UNKNOWN_PROFILE = Code(
    1003,
    "unknown-profile",
    """
    What: `extends` names a profile that is neither declared here nor imported, or a parent is not a profile.
    Why: A profile that is skipped takes every setting with it.
    Example:
        vm a extends fast { memory.size = 1GiB }
    Instead:
        profile fast { cpu.count = 2 }
        vm a extends fast { memory.size = 1GiB }
    """,
)
IMPORT_CYCLE = Code(
    1004,
    "import-cycle",
    """
    What: A file imports itself, directly or through others.
    Why: Which of the two is read first would decide what the names mean.
    Example:
        import "main.vmspec"
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1 }
    """,
)
IMPORT_NOT_FOUND = Code(
    1005,
    "import-not-found",
    """
    What: A source cannot be read: it does not exist, is no regular file, is larger than 64 MiB, is not UTF-8, its links form a loop, or it
        lies outside of the project.
    Why: Imports are relative to the importing file: no network, no search path. The folder of `vmspec.toml`, or without one that of the
        sources, is the limit: whoever checks somebody else's checkout does not have the files of their own machine read.
    Example:
        import "nowhere.vmspec"
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1 }
    """,
)
NAME_CLASH = Code(
    1006,
    "name-clash",
    """
    What: One name is declared twice in a file, or a flat import brings a name that the file has already.
    Why: Which of the two is meant would depend on the order of lines. A namespace (`import … as x`) keeps both.
    Example:
        let $n = 1
        let $n = 2
    Instead:
        let $n = 1
        let $m = 2
    """,
)
UNKNOWN_REFERENCE = Code(
    1007,
    "unknown-reference",
    """
    What: A reference such as `host(n3)` or `rack1.n3` names nothing that is declared.
    Why: A VM placed on a host that does not exist is emitted for nobody.
    Example:
        vm a { place = host(n3); memory.size = 1GiB; cpu.count = 1 }
    Instead:
        host n3 { }
        vm a { place = host(n3); memory.size = 1GiB; cpu.count = 1 }
    """,
)
MISPLACED = Code(
    1008,
    "misplaced",
    """
    What: A statement or block stands where it has no meaning: a `vm` inside a `vm`, an assignment at the top of a file.
    Why: It would have no effect, and whoever wrote it expects one.
    Example:
        memory.size = 1GiB
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1 }
    """,
)
DUPLICATE_OBJECT = Code(
    1009,
    "duplicate-object",
    """
    What: Two VMs, or two hosts, networks, pools or volumes, have one name.
    Why: libvirt identifies them by name on a host, and both would be written to one file.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1 }
        vm a { memory.size = 2GiB; cpu.count = 1 }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1 }
        vm b { memory.size = 2GiB; cpu.count = 1 }
    """,
)
UNKNOWN_ENV = Code(
    1010,
    "unknown-env",
    """
    What: `--env` names an environment that no `env` block declares, or an `env` block names an object that does not exist.
    Why: An override that meets nothing is a misspelling, and the build would go on without it.
    Example:
        env prod { vm nobody { cpu.count = 4 } }
    Instead:
        vm web { memory.size = 1GiB; cpu.count = 1 }
        env prod { vm web { cpu.count = 4 } }
    """,
)
LABEL = Code(
    1011,
    "label",
    """
    What: A block that repeats has no label, a block that stands once has one, or a label is not a fitting name.
    Why: Labels are how profiles reach a block, and how its address stays the same when others come and go.
    Example:
        vm a { disk { source = block("/dev/vg0/a") } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; disk vda { source = block("/dev/vg0/a") } }
    """,
)
BAD_OBJECT_NAME = Code(
    1012,
    "bad-object-name",
    """
    What: The name of an object is empty, has a `/` or a control character, is `.` or `..`, or is too long for a file name.
    Why: libvirt refuses a slash in a name (virDomainDefPostParseCheck, src/conf/domain_postparse.c 9.0.0), and the name
        becomes a file name of the output.
    Example:
        vm "a/b" { memory.size = 1GiB; cpu.count = 1 }
    Instead:
        vm "a-b" { memory.size = 1GiB; cpu.count = 1 }
    """,
)
UNKNOWN_FUNCTION = Code(
    1013,
    "unknown-function",
    """
    What: A call names no function, and no value that the attribute could be made of.
    Why: Functions are built in and pure; a file cannot define its own.
    Example:
        vm a { memory.size = maxx(1GiB, 2GiB); cpu.count = 1 }
    Instead:
        vm a { memory.size = max(1GiB, 2GiB); cpu.count = 1 }
    """,
)
UNKNOWN_PARAM = Code(
    1014,
    "unknown-param",
    """
    What: `--param` names a parameter that no file declares.
    Why: A value that nothing reads is a misspelling, and the build would go on with the default.
    """,
)
RESERVED_ENV = Code(
    1015,
    "reserved-env",
    """
    What: An `env` is named `default` or `none`.
    Why: A build without `--env` has these names already: its part of vmspec.lock is called `default`, so that the identities of two
        environments would be mixed, and `$env` is `none` in it.
    Example:
        vm a { cpu.count = 1; memory.size = 1GiB }
        env default { vm a { memory.size = 2GiB } }
    Instead:
        vm a { cpu.count = 1; memory.size = 1GiB }
        env lab { vm a { memory.size = 2GiB } }
    """,
)
