"""The 2xxx codes (inheritance) and 3xxx codes (values)."""

from __future__ import annotations

from vmspec.base.code import Code

NO_LINEARISATION = Code(
    2101,
    "no-linearisation",
    """
    What: The parents of a profile or VM cannot be put into one order: two declarations want opposite orders.
    Why: The order decides which setting is the stronger; C3 (as in Python and Dylan) keeps every declaration's own order,
        or there is none.
    Example:
        profile a { }
        profile b { }
        profile c extends a, b { }
        profile d extends b, a { }
        vm v extends c, d { memory.size = 1GiB; cpu.count = 1 }
    Instead:
        profile a { }
        profile b { }
        profile c extends a, b { }
        profile d extends a, b { }
        vm v extends c, d { memory.size = 1GiB; cpu.count = 1 }
    """,
)
INHERITANCE_CYCLE = Code(
    2102,
    "inheritance-cycle",
    """
    What: A profile extends itself, directly or through others.
    Why: A cycle has no weakest layer to begin with.
    Example:
        profile a extends b { }
        profile b extends a { }
    Instead:
        profile a { }
        profile b extends a { }
    """,
)
SET_TWICE = Code(
    2103,
    "set-twice",
    """
    What: One body gives one path two different values of one strength.
    Why: Neither is the stronger layer. A default that a `when` may replace is written with `?=`.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; cpu.count = 2 }
    Instead:
        vm a { memory.size = 1GiB; cpu.count ?= 1; cpu.count = 2 }
    """,
)
SIBLING_CONFLICT = Code(
    2104,
    "sibling-conflict",
    """
    What: Two profiles of which neither derives from the other set one path differently, and nothing stronger decides.
    Why: Latency against throughput is a decision that a person makes; the order in which two parents were written is not
        one. Set the value in a stronger layer, derive a profile from both, or say `over`.
    Example:
        profile a { cpu.count = 2 }
        profile b { cpu.count = 4 }
        vm v extends a, b { memory.size = 1GiB }
    Instead:
        profile a { cpu.count = 2 }
        profile b { cpu.count = 4 }
        vm v extends a, over b { memory.size = 1GiB }
    """,
)
FINAL_BROKEN = Code(
    2105,
    "final-broken",
    """
    What: A stronger layer or a sibling changes, removes or replaces what a profile locked with `final`.
    Why: `final` says that the rest of the profile is wrong with any other value. The same value again is fine.
    Example:
        profile p { final cpu.count = 2 }
        vm v extends p { memory.size = 1GiB; cpu.count = 4 }
    Instead:
        profile p { final cpu.count = 2 }
        vm v extends p { memory.size = 1GiB }
    """,
)
FINALS_DISAGREE = Code(
    2106,
    "finals-disagree",
    """
    What: Two profiles lock one path with different values.
    Why: Neither can be kept without breaking the other.
    Example:
        profile a { final cpu.count = 2 }
        profile b { final cpu.count = 4 }
        vm v extends a, b { memory.size = 1GiB }
    Instead:
        profile a { final cpu.count = 2 }
        profile b { final cpu.count = 2 }
        vm v extends a, b { memory.size = 1GiB }
    """,
)
UNSET_NOTHING = Code(
    2107,
    "unset-nothing",
    """
    What: `unset` names what no weaker layer sets.
    Why: A removal that removes nothing is a misspelling, or its reason has gone. A model default is no setting: give the
        path another value instead.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; unset memory.hugepages }
    Instead:
        profile p { memory.hugepages = 2MiB }
        vm a extends p { memory.size = 1GiB; cpu.count = 1; unset memory.hugepages }
    """,
)
REMOVE_ABSENT = Code(
    2108,
    "remove-absent",
    """
    What: `-=` removes what the list does not have.
    Why: The weaker layer has changed, or the name is misspelt; either way the line no longer does what it says.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; tags = [web]; tags -= db }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; tags = [web, db]; tags -= db }
    """,
)
REQUIRED = Code(
    2109,
    "required",
    """
    What: A profile requires a path that no layer sets.
    Why: The profile cannot choose the value: it depends on the host or the service.
    Example:
        profile p { require memory.size: "every VM of this profile states its RAM" }
        vm a extends p { cpu.count = 1 }
    Instead:
        profile p { require memory.size: "every VM of this profile states its RAM" }
        vm a extends p { memory.size = 1GiB; cpu.count = 1 }
    """,
)
ARGUMENTS_DIFFER = Code(
    2110,
    "arguments-differ",
    """
    What: One profile is reached twice with different arguments.
    Why: A profile stands once in the linearisation; its settings cannot have two values.
    Example:
        profile p($n: int) { cpu.count = $n }
        profile q extends p(n = 2) { }
        vm a extends p(n = 4), q { memory.size = 1GiB }
    Instead:
        profile p($n: int) { cpu.count = $n }
        profile q extends p(n = 2) { }
        vm a extends p(n = 2), q { memory.size = 1GiB }
    """,
)
SELF_NOT_HERE = Code(
    2111,
    "self-not-here",
    """
    What: `self` is read where the merge is not done yet: in a label, a `let`, a `when`, an `each`, an argument of a profile.
    Why: Which settings there are must be known before any of their values is.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; when self.cpu.count > 1 { tags = [big] } }
    Instead:
        let $n = 1
        vm a { memory.size = 1GiB; cpu.count = $n; when $n > 1 { tags = [big] } }
    """,
)
GUARDED = Code(
    2112,
    "guarded",
    """
    What: A `when` that reads `$host` guards `place` or `tags`, or one that reads `$arch` guards `arch`.
    Why: The host is known only after `place` is, and the architecture after `arch`; what decides them cannot depend on them.
    Example:
        host n1 { tags = [fast] }
        vm a { memory.size = 1GiB; cpu.count = 1; when $host.name == n1 { place = host(n1) } }
    Instead:
        host n1 { tags = [fast] }
        vm a { memory.size = 1GiB; cpu.count = 1; place = host(n1); when $host.name == n1 { description = "on n1" } }
    """,
)
NOT_PLACED = Code(
    3100,
    "not-placed",
    """
    What: A VM says `place = auto` or `place = hosts(…)`, and the lock has no host for it, or one that is not among those.
    Why: A build chooses nothing: what it makes follows from the sources and the lock. `vmc place` chooses, and writes the lock.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 8GiB } }
        vm a { memory.size = 1GiB; cpu.count = 1; place = auto }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 8GiB } }
        vm a { memory.size = 1GiB; cpu.count = 1; place = host(n1) }
    """,
)
GUARDED_DEMAND = Code(
    3101,
    "guarded-demand",
    """
    What: A `when` that reads `$host` guards something that a placement reads (CPUs, memory, devices), in a VM whose host `vmc place`
        chooses.
    Why: The host is chosen by what the VM needs. What it needs cannot depend on the host that is chosen.
    Example:
        host n1 { tags = [fast]; numa 0 { cpus = 0-3; memory = 8GiB } }
        vm a { memory.size = 1GiB; cpu.count = 1; place = auto; when fast in $host.tags { cpu.max = 2 } }
    Instead:
        host n1 { tags = [fast]; numa 0 { cpus = 0-3; memory = 8GiB } }
        vm a { memory.size = 1GiB; cpu { count = 1; max = 2 }; place = host(n1) }
    """,
)
CYCLE = Code(
    2113,
    "cycle",
    """
    What: Values are defined by each other.
    Why: No order of evaluation exists. The message is the chain of reads.
    Example:
        vm a { memory.size = self.memory.current; memory.current = self.memory.size; cpu.count = 1 }
    Instead:
        vm a { memory.size = 1GiB; memory.current = self.memory.size; cpu.count = 1 }
    """,
)
ASSERTION = Code(
    2114,
    "assertion",
    """
    What: An `assert` of a profile, VM, policy or test is false after the merge.
    Why: Whoever wrote it knows of a combination that does not work. The notes show the value and the origin of every operand.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; assert self.memory.size >= 4GiB, "a feed handler needs 4GiB" }
    Instead:
        vm a { memory.size = 4GiB; cpu.count = 1; assert self.memory.size >= 4GiB, "a feed handler needs 4GiB" }
    """,
)
POLICY = Code(
    2115,
    "policy",
    """
    What: A VM or host sets what a policy keeps for the profiles, or differs from the value that a policy demands.
    Why: Policies are the site's rules; they apply after everything else.
    Example:
        policy site { vm "*" { final memory.locked = false } }
        vm a { memory.size = 1GiB; cpu.count = 1; memory.locked = true }
    Instead:
        policy site { vm "*" { final memory.locked = false } }
        vm a { memory.size = 1GiB; cpu.count = 1 }
    """,
)
DUPLICATE_INSTANCE = Code(
    2116,
    "duplicate-instance",
    """
    What: An `each` gives two VMs one name.
    Why: The label must tell the objects of a template apart by their keys.
    Example:
        vm "a" { each $n in [1, 2]; memory.size = 1GiB; cpu.count = $n }
    Instead:
        vm "a-${n}" { each $n in [1, 2]; memory.size = 1GiB; cpu.count = $n }
    """,
)
EACH_RANGE = Code(
    2117,
    "each-range",
    """
    What: The keys of an `each` are positions: they come from `range()`, or two variables go over a list, which has no keys of its own.
    Why: Removing one from the middle renames every VM after it, with its UUID, MACs and disks, or gives it the addresses of another that
        are counted by position. Name them: `{ a = …; b = … }`.
    Example:
        vm "a-${n}" { each $n in range(2); memory.size = 1GiB; cpu.count = 1 }
    Instead:
        vm "a-${n}" { each $n in [red, blue]; memory.size = 1GiB; cpu.count = 1 }
    """,
)
IDLE_WILDCARD = Code(
    2123,
    "idle-wildcard",
    """
    What: A wildcard in the body of a VM or host, or in an env's block for it, stands for blocks of which there are none.
    Why: A wildcard fills what named blocks leave open and makes no block, so that what it says has no effect. A profile's may match
        nothing, since it does not know whom it is for.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; vcpu "*" { scheduler = fifo; priority = 1 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; vcpu 0-1 { scheduler = fifo; priority = 1 } }
    """,
)
BUDGET = Code(
    2118,
    "budget",
    """
    What: The program exceeds a budget: evaluation steps, the length of a list or string, the number of VMs, the size of a collection.
    Why: Every program ends, and ends before the machine's memory does.
    Example:
        let $n = range(1000000000)
        vm a { memory.size = 1GiB; cpu.count = len($n) }
    Instead:
        let $n = range(1, 5)
        vm a { memory.size = 1GiB; cpu.count = len($n) }
    """,
)
WILDCARD = Code(
    2119,
    "wildcard",
    """
    What: A wildcard is used where there are no labels to match, to remove or replace a block, or with a pattern other than `*`.
    Why: A wildcard fills what named blocks leave open; it creates and removes nothing.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; unset disk "*" }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; disk "*" { cache = none } }
    """,
)
LOCK_NOT_HERE = Code(
    2120,
    "lock-not-here",
    """
    What: `final` without a value stands outside a policy.
    Why: It says that nobody above the profiles may set the path, which is a policy's word.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; final memory.locked }
    Instead:
        policy site { vm "*" { final memory.locked } }
        vm a { memory.size = 1GiB; cpu.count = 1 }
    """,
)
WHERE = Code(
    2121,
    "where",
    """
    What: `where` stands at a block that is no wildcard, or asks for something else than the attributes of the block.
    Why: It says which of the blocks that there are a wildcard fills. It is decided before the wildcards fill anything, so it reads what
        the blocks themselves set and what follows from their names and sources, and never `self`.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; disk vda where bus == virtio { source = block("/dev/a"); io = native; cache = none } }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 1
          disk vda { source = block("/dev/a") }
          disk "*" where bus == virtio { io = native; cache = none }
        }
    """,
)
WHERE_FILLED = Code(
    2122,
    "where-filled",
    """
    What: Another wildcard fills an attribute that a `where` asked for, and the answer would have been another one with it.
    Why: `where` never reads what a wildcard fills, or the order of wildcards would decide.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 1
          disk vda { source = block("/dev/a") }
          disk "*" { cache = none }
          disk "*" where cache == none { io = native }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 1
          disk vda { source = block("/dev/a"); cache = none }
          disk "*" where cache == none { io = native }
        }
    """,
)
WRONG_KIND = Code(
    3001,
    "wrong-kind",
    """
    What: A value is not of the kind that its place takes, or not one of the words that libvirt knows there.
    Why: What libvirt does not know it drops or refuses; what it reads as something else is worse.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; disk vda { source = block("/dev/a"); cache = nonne } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; disk vda { source = block("/dev/a"); cache = none } }
    """,
)
MISSING_UNIT = Code(
    3002,
    "missing-unit",
    """
    What: A bare number stands where a quantity with a unit is due.
    Why: libvirt would take it for KiB, virsh for bytes, and a person for GiB.
    Example:
        vm a { memory.size = 64; cpu.count = 1 }
    Instead:
        vm a { memory.size = 64GiB; cpu.count = 1 }
    """,
)
AMBIGUOUS_UNIT = Code(
    3003,
    "ambiguous-unit",
    """
    What: A unit is a bare `K`, `M`, `G` or `T`.
    Why: libvirt reads K as 1024 and KB as 1000 (virScaleInteger, src/util/virutil.c 9.0.0). Say which.
    Example:
        vm a { memory.size = 4G; cpu.count = 1 }
    Instead:
        vm a { memory.size = 4GiB; cpu.count = 1 }
    """,
)
INEXACT = Code(
    3004,
    "inexact",
    """
    What: A value is not a whole number in its base unit or in libvirt's unit, or has a fraction and no unit.
    Why: Values are exact integers and are never rounded: a guest with a little less memory than it says is another guest.
    Example:
        vm a { memory.size = 1000B; cpu.count = 1 }
    Instead:
        vm a { memory.size = 1024KiB; cpu.count = 1 }
    """,
)
UNKNOWN_UNIT = Code(
    3005,
    "unknown-unit",
    """
    What: A unit is not one of the language's.
    Why: A misspelt unit is a factor of a thousand.
    Example:
        vm a { memory.size = 4GIB; cpu.count = 1 }
    Instead:
        vm a { memory.size = 4GiB; cpu.count = 1 }
    """,
)
BAD_OPERAND = Code(
    3006,
    "bad-operand",
    """
    What: An operator is given values that it does not take, or of different dimensions.
    Why: A size plus a number, or a rate compared with a size, is a mistake in one of the two.
    Example:
        vm a { memory.size = 4GiB + 1; cpu.count = 1 }
    Instead:
        vm a { memory.size = 4GiB + 1MiB; cpu.count = 1 }
    """,
)
NO_SUCH_KEY = Code(
    3007,
    "no-such-key",
    """
    What: A map has no such key, a list no such item, or a value no parts.
    Why: A key that is not there is a misspelling more often than an absence; `has()` asks.
    Example:
        let $m = { a = 1 }
        vm v { memory.size = 1GiB; cpu.count = $m.b }
    Instead:
        let $m = { a = 1 }
        vm v { memory.size = 1GiB; cpu.count = $m.a }
    """,
)
SECRET = Code(
    3008,
    "secret",
    """
    What: A secret is printed, compared or interpolated, also inside a list or map; or `--param` is to give one its value.
    Why: A secret is a reference to what libvirt keeps, or a parameter whose value a deploy is given; its text is nowhere in the program,
        and must not get into an artifact. A command line is shown by `ps` and kept by shells.
    Example:
        let $s = secret("key")
        vm a { memory.size = 1GiB; cpu.count = 1; description = "${s}" }
    Instead:
        let $s = secret("key")
        vm a { memory.size = 1GiB; cpu.count = 1; description = "no secret" }
    """,
)
BAD_CPUSET = Code(
    3009,
    "bad-cpuset",
    """
    What: A range is descending, or a CPU number is beyond what a bitmap holds.
    Why: libvirt rejects a descending range, and cuts a bitmap off without a word.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; cpu.cpuset = 0-70000 }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; cpu.cpuset = 0-3 }
    """,
)
BAD_ARGUMENT = Code(
    3010,
    "bad-argument",
    """
    What: A call has too many or unknown arguments, one twice, or one of the wrong type.
    Why: Arguments are checked like settings.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; disk vda { source = block("/dev/a", frmat = raw) } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; disk vda { source = block("/dev/a") } }
    """,
)
MISSING_ARGUMENT = Code(
    3011,
    "missing-argument",
    """
    What: A parameter without a default, or a needed argument of a call, is not given.
    Why: There is no value to take instead.
    Example:
        profile p($n: int) { cpu.count = $n }
        vm a extends p { memory.size = 1GiB }
    Instead:
        profile p($n: int) { cpu.count = $n }
        vm a extends p(n = 2) { memory.size = 1GiB }
    """,
)
NOT_FINITE = Code(
    3012,
    "not-a-collection",
    """
    What: `for` or `each` runs over something that is no list, map, cpuset or set of keys.
    Why: The number of blocks must be known before the merge.
    Example:
        vm "a-${n}" { each $n in 4; memory.size = 1GiB; cpu.count = 1 }
    Instead:
        vm "a-${n}" { each $n in [red, blue]; memory.size = 1GiB; cpu.count = 1 }
    """,
)
NO_VALUE = Code(
    3013,
    "no-value",
    """
    What: `self` reads a path that has no value.
    Why: `has(self.…)` asks whether there is one.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; description = "${self.title}" }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; title = "t"; description = "${self.title}" }
    """,
)
NOT_A_BOOLEAN = Code(
    3014,
    "not-a-boolean",
    """
    What: `yes`, `no`, `on` or `off` stands where a boolean is due.
    Why: libvirt writes some booleans yes/no and some on/off; the language has one word for each.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; features.acpi = on }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; features.acpi = true }
    """,
)
EMPTY_TEST = Code(
    2124,
    "empty-test",
    """
    What: A `test` holds no machine and no assertion.
    Why: It would pass whatever the program says. A machine without an assertion is a test too: it has to build without an error.
    """,
)
NEEDS_FACTS = Code(
    3015,
    "needs-facts",
    """
    What: A function asks for the host's topology, and neither its `numa` blocks nor its facts tell.
    Why: The compiler runs offline: what it knows of a host is what is committed.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; cpu.cpuset = siblings(2) }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; cpu.cpuset = 2-3 }
    """,
)
DIVISION = Code(
    3016,
    "division",
    """
    What: A division by zero, or one whose result is not whole.
    Why: There are no floats; `div()` and `mod()` give quotient and remainder.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 3 / 2 }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = div(3, 2) }
    """,
)
WORD_IS_VARIABLE = Code(
    3018,
    "word-is-variable",
    """
    What: An unquoted word names a bridge, and a variable of that name is in sight.
    Why: A variable is written with `$`; without it, the bridge would be named as the variable is.
    Example:
        let $br = "br0"
        vm a { memory.size = 1GiB; cpu.count = 1; interface eth0 { source = bridge(br) } }
    Instead:
        let $br = "br0"
        vm a { memory.size = 1GiB; cpu.count = 1; interface eth0 { source = bridge($br) } }
    """,
)
