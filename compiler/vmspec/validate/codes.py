"""The codes of schema checks: 7xxx for what a person can mend, 9xxx for what only we can."""

from __future__ import annotations

from vmspec.base.code import Code, Fault

NO_SCHEMA = Code(
    7001,
    "no-schema",
    """
    What: A directory after `--schema-dir` has no `domain.rng` that can be read as a RELAX NG schema.
    Why: A check against a schema that is not there would pass. The schemas of an installed libvirt are in /usr/share/libvirt/schemas.
    """,
    fault=Fault.CALL,
)
RAW_REFUSED = Code(
    7002,
    "raw-refused",
    """
    What: An `xml` part is not well-formed XML, libvirt's schema does not allow it at its place, or it sets a text or an attribute that
        the model writes there itself.
    Why: libvirt drops silently what it does not know, unless it is asked to validate; then it refuses the whole domain
        (virsh(1), `define --validate`). Of a text that the model and an `xml` part both write, it reads the two as
        one: 65536 and 0 as 655360.
    """,
)
IDENTITY = Code(
    7003,
    "schema-identity",
    """
    What: Two parts of a domain have one identity, or one refers to another that is not there.
    Why: libvirt refuses most of these at define, and takes the last of two without a word in the rest. The XML Schema that is
        derived from the model says it for all of them (`vmc schema --xsd`).
    """,
)
REFUSED_BY_SCHEMA = Code(
    7005,
    "refused-by-schema",
    """
    What: A domain's XML does not meet libvirt's schema, and nothing was added to it: it was read as XML, or says `resolve = false`.
    Why: `virsh define` without `--validate` takes it, and drops what it does not know; with `--validate` it refuses it.
    """,
)
NEWER_THAN_SCHEMA = Code(
    7006,
    "newer-than-schema",
    """
    What: A VM uses what the libvirt whose schema lies on this machine does not know yet.
    Why: The schema is of the libvirt that is installed where this is built, or of `--schema-dir`; the host may have a newer one. Say
        which it has (`libvirt = "10.0.0"` in its `host` block), and the rules look at that. A libvirt that does not know an element or
        attribute drops it without a word; one that does not know a word of an enumeration refuses the definition. Of libvirt's own XML,
        and of what says `resolve = false`, such a word is an error: `--schema-dir` names the schema of the libvirt that is meant.
    """,
)
NOT_AS_SCHEMA = Code(
    7007,
    "not-as-schema",
    """
    What: libvirt's schema does not take something that is said of a VM: a part is missing beside it, it does not go with what else
        is said, or it is no such value as libvirt has there.
    Why: `virsh define --validate` refuses the domain; without it libvirt refuses it by another name or drops the part without a word.
    """,
)
SCHEMA_MISMATCH = Code(
    9002,
    "schema-mismatch",
    """
    What: XML that we have made, without any `xml` part, does not meet libvirt's schema at a place that nobody said anything about, or is
        not well-formed.
    Why: What the sources say is checked before; what we have added to it ourselves has to be right. That it is not is a bug of ours;
        nothing is written. The message names the place in the XML, which may hold a way around it.
    """,
)
OWN_SCHEMA_MISMATCH = Code(
    9003,
    "own-schema-mismatch",
    """
    What: XML that we have made does not meet the XML Schema that we have derived from the same model.
    Why: Emission and the schema are read off the same lines, so that one of the two is wrong: a bug of ours; nothing is written.
    """,
)
