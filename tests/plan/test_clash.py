"""Files that two domains of a host would write."""

from __future__ import annotations

import pytest

from vmspec.importing.host_domain import read_host_domain
from vmspec.model.domain import Domain
from vmspec.plan.clash import DomainFiles, clashes
from vmspec.plan.file_uses import FileUse, HostPlaces, own_variables, uses

PLACES = HostPlaces("/nvram")
DISK = "<devices><disk type='file' device='disk'><source file='/x/a'/>{}</disk></devices>"
EFI = "<os firmware='efi'>{}</os>"
FILE, BLOCK = (
    "<devices><serial type='file'><source path='/x/a'/></serial></devices>",
    DISK.replace("file", "block").replace("block=", "dev="),
)

PAIRS: dict[str, tuple[str, str, str | None]] = {
    "one image": (DISK.format(""), DISK.format(""), "/x/a"),
    "by another spelling": (DISK.format(""), DISK.format("").replace("/x/a", "/x//b/../a"), "/x/a"),
    "as a device": (DISK.format(""), BLOCK.format(""), "/x/a"),
    "both may": (DISK.format("<shareable/>"), DISK.format("<shareable/>"), None),
    "one may": (DISK.format("<shareable/>"), DISK.format(""), "/x/a"),
    "one reads": (DISK.format("<readonly/>"), DISK.format(""), None),
    "a CD-ROM": (DISK.replace("'disk'", "'cdrom'").format(""), DISK.replace("'disk'", "'cdrom'").format(""), None),
    "a layer below": (
        DISK.format(""),
        DISK.format("<backingStore type='file'><source file='/x/b'/></backingStore>").replace("/x/a'/><b", "/x/o'/><b"),
        None,
    ),
    "the layer below": (
        DISK.format(""),
        DISK.format("<backingStore type='file'><source file='/x/a'/></backingStore>").replace("/x/a", "/x/o", 1),
        "/x/a",
    ),
    "a golden image": (
        DISK.format("<backingStore type='file'><source file='/x/g'/></backingStore>"),
        DISK.format("<backingStore type='file'><source file='/x/g'/></backingStore>").replace("/x/a", "/x/b"),
        None,
    ),
    "a copy under way": (
        DISK.format("<mirror type='file' job='copy'><source file='/x/c'/></mirror>"),
        DISK.format("").replace("/x/a", "/x/c"),
        "/x/c",
    ),
    "a device that the model does not know": ("<devices><newer><source file='/x/a'/></newer></devices>", DISK.format(""), "/x/a"),
    "one that is read": ("<devices><newer><source file='/x/a'/><readonly/></newer></devices>", DISK.format(""), None),
    "a console": (FILE, FILE, "/x/a"),
    "a console in an image": (FILE, DISK.format(""), "/x/a"),
    "nowhere": (FILE.replace("/x/a", "/dev/null"), FILE.replace("/x/a", "/dev/null"), None),
    "a log": ("<devices><console type='pty'><log file='/x/l'/></console></devices>",) * 2 + ("/x/l",),
    "a socket": ("<devices><channel type='unix'><source mode='bind' path='/s'/></channel></devices>",) * 2 + ("/s",),
    "callers": ("<devices><channel type='unix'><source mode='connect' path='/s'/></channel></devices>",) * 2 + (None,),
    "a display": ("<devices><graphics type='vnc'><listen type='socket' socket='/s'/></graphics></devices>",) * 2 + ("/s",),
    "a port": ("<devices><interface type='vhostuser'><source type='unix' path='/s' mode='server'/></interface></devices>",) * 2 + ("/s",),
    "variables": (EFI.format("<nvram>/x/v</nvram>"), EFI.format("<nvram>/x/v</nvram>"), "/x/v"),
    "the variables that libvirt names": (EFI.format("<nvram>/nvram/b_VARS.fd</nvram>"), EFI.format(""), "/nvram/b_VARS.fd"),
    "variables of their own": (EFI.format(""), EFI.format(""), None),
    "a TPM": ("<devices><tpm><backend type='emulator'><source type='dir' path='/t'/></backend></tpm></devices>",) * 2 + ("/t",),
    "memory": ("<devices><memory model='nvdimm'><source><path>/p</path></source></memory></devices>",) * 2 + ("/p",),
    "private memory": ("<devices><memory model='nvdimm' access='private'><source><path>/p</path></source></memory></devices>",) * 2
    + (None,),
    "Ceph": ("<devices><disk type='network'><source protocol='rbd' name='p/i'/></disk></devices>",) * 2 + ("rbd p/i",),
    "a volume": ("<devices><disk type='volume'><source pool='p' volume='v'/></disk></devices>",) * 2 + ("volume p/v",),
}


def definition(name: str, inner: str) -> Domain:
    return read_host_domain(f"<domain type='kvm'><name>{name}</name>{inner}</domain>".encode())


def of(name: str, inner: str) -> tuple[FileUse, ...]:
    return tuple(uses(definition(name, inner), PLACES))


@pytest.mark.parametrize("name", PAIRS)
def test_two_domains(name: str) -> None:
    one, other, file = PAIRS[name]
    a = DomainFiles("1", "a", True, then=of("a", one), acts=True)
    b = DomainFiles("2", "b", False, now=of("b", other))
    found = clashes([a, b]).get("1", [])
    assert [each.use.shown for each in found] == ([] if file is None else [file])
    assert all("b, which is not ours," in str(each) for each in found)


def test_what_is_there_is_not_refused_for_what_is_to_come() -> None:
    mine = of("a", DISK.format(""))
    there, new = DomainFiles("1", "a", True, now=mine, then=mine, acts=True), DomainFiles("2", "b", True, then=mine, acts=True)
    assert clashes([there, new]).keys() == {"2"}
    assert clashes([DomainFiles("1", "a", True, then=mine, acts=True), new]).keys() == {"1", "2"}
    both = [DomainFiles(uuid, "x", True, now=mine, then=mine) for uuid in "12"]
    assert clashes(both).keys() == {"1", "2"}


def test_variables_of_its_own() -> None:
    taken = [("path", "/nvram/nva_VARS.fd")]
    assert own_variables(definition("nva", EFI.format("")), "nva", "0123456789", taken, PLACES) == "/nvram/nva-01234567_VARS.fd"
    assert own_variables(definition("nva", EFI.format("")), "nva", "0123456789", taken, HostPlaces()) == "/nvram/nva-01234567_VARS.fd"
    assert own_variables(definition("nvb", EFI.format("")), "nvb", "0123456789", taken, PLACES) is None
    assert own_variables(definition("nva", EFI.format("<nvram>/mine</nvram>")), "nva", "0123456789", taken, PLACES) is None
    assert own_variables(definition("nva", ""), "nva", "0123456789", taken, PLACES) is None


def test_files_that_change_hands() -> None:
    """Whoever takes waits for whoever leaves, and those that wait for one another are told so."""
    a, b, c = (of("x", DISK.format("").replace("/x/a", f"/x/{name}")) for name in "abc")
    takes, leaves = DomainFiles("1", "one", True, now=a, then=b, acts=True), DomainFiles("2", "two", True, now=b, then=c, acts=True)
    (waits,) = clashes([takes, leaves])["1"]
    assert str(waits) == "/x/b (image) is that of two until this deploy is done: deploy once more after that"
    round_ = (takes, leaves, DomainFiles("3", "three", True, now=c, then=a, acts=True))
    found = clashes(round_)
    assert {uuid: [clash.way for clash in some] for uuid, some in found.items()} == {
        "1": [("one", "two", "three")], "2": [("two", "three", "one")], "3": [("three", "one", "two")],
    }  # fmt: skip
    assert "and so round (one → two → three → one)" in str(found["1"][0])
