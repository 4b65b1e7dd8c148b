"""The codes of the output directory, 6900 to 6999, with their pages."""

from __future__ import annotations

from vmspec.base.code import Code, Fault

OUTPUT_NAME = Code(
    6901,
    "output-name",
    """
    What: An object's name cannot be the name of a file in the output directory: it is empty, `.` or `..`, holds `/`, `\\` or a
        control character, or is longer than 255 bytes.
    Why: Every object becomes a file of its own name. A name with `/` or `..` would leave the output directory, and libvirt refuses
        `/` in a domain's name as well (virDomainDefPostParseMemory and virXMLCheckIllegalChars, src/conf/domain_postparse.c).
    Example:
        vm "../../etc/passwd" { memory.size = 1GiB }
    Instead:
        vm "passwd" { memory.size = 1GiB }
    """,
)
OUTPUT_CLASH = Code(
    6902,
    "output-clash",
    """
    What: Two objects would write the same file of the output directory, or two files whose names the file system of the output
        directory takes for one (`Web` and `web` where case does not count).
    Why: The second would silently replace the first. VMs of one host share a folder; VMs that are placed nowhere share another.
    """,
)
NOT_OURS = Code(
    6903,
    "output-not-ours",
    """
    What: The output directory exists and something is in it that no build has put there, or it is a symbolic link or a file.
    Why: A build replaces the output directory as a whole. What is not named in a `manifest.json` of ours would be lost.
    """,
    fault=Fault.CALL,
)
CANNOT_WRITE = Code(
    6904,
    "cannot-write",
    """
    What: The operating system refused to write the output; the message holds its words. What was there before is untouched.
    Why: The output is written beside the output directory and takes its place only when it is whole.
    """,
    fault=Fault.CALL,
)
