"""What is done about secrets of libvirt, and what a definition says of passwords."""

from vmspec.importing.host_domain import read_host_domain
from vmspec.plan.secrets import Doing, Held, SecretReference, filled, named_in, secret_plans
from vmspec.plan.state import Desired, passwords_in

UUID = "0f4a3f0e-2f7c-4b57-9d0f-6a4d1d8f0a01"
DOMAIN = read_host_domain(
    f"""<domain type='qemu'><name>a</name><devices>
<disk type='network'><source protocol='rbd' name='p/i'><auth username='u'><secret type='ceph' usage='key'/></auth></source>
<target dev='vda'/></disk>
<disk type='file'><source file='/i'><encryption format='luks'><secret type='passphrase' uuid='{UUID}'/></encryption></source>
<target dev='vdb'/></disk>
<tpm model='tpm-crb'><backend type='emulator' version='2.0'><encryption secret='{UUID}'/></backend></tpm>
<graphics type='vnc' passwd=''/><graphics type='spice' passwd='old'/>
</devices></domain>""".encode()
)


def desired(name: str = "a") -> Desired:
    return Desired(name, None, DOMAIN, "", False, None, lambda path, is_set: ("", None))  # type: ignore[arg-type,return-value]


def test_names_in_a_definition() -> None:
    assert named_in(DOMAIN) == (SecretReference("ceph", "key"), SecretReference("volume", None, UUID), SecretReference("vtpm", None, UUID))
    assert named_in(read_host_domain(b"<domain><name>secret</name></domain>")) == ()


def test_what_is_done() -> None:
    ceph, volume = Held("1", "ceph", "key"), Held(UUID.upper(), "volume", "/i")
    cases = {
        (): (Doing.MISSING, Doing.MISSING),
        (Held("1", "iscsi", "key"),): (Doing.MISSING, Doing.MISSING),
        (ceph, volume): (Doing.NOTHING, Doing.NOTHING),
        (Held("1", "ceph", "key", empty=True), volume): (Doing.EMPTY, Doing.NOTHING),
    }
    for held, doing in cases.items():
        found = secret_plans([desired(), desired("b")], held, frozenset())
        assert tuple(each.doing for each in found)[:2] == doing
        assert found[0].vms == ("a", "b")
    given = frozenset(("key",))
    for same, doing, counts in ((True, Doing.NOTHING, False), (False, Doing.SET, True), (None, Doing.SET, False)):
        (found,) = [each for each in secret_plans([desired()], [Held("1", "ceph", "key", same=same)], given) if each.kind == "ceph"]
        assert (found.doing, found.counts) == (doing, counts)


def test_passwords_are_filled_in_by_display() -> None:
    made = filled(DOMAIN, {"vnc": "a'<b"})
    assert passwords_in(made) == {"vnc": "a'<b", "spice": "old"}
    assert made.but(graphics=()) == DOMAIN.but(graphics=())
    assert filled(DOMAIN, {}) is DOMAIN
