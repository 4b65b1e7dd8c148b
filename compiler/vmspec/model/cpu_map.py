"""CPU models and features of x86 by the names that libvirt has for them, and whose they are.

The tables hold what libvirt 9.0.0 knows (src/cpu_map/index.xml, x86_features.xml and the files of the models); of later versions the names
alone. What a newer libvirt knows besides cannot be told here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

MODELS = """
486 - - fpu pse vme
pentium - 486 cx8 de mce mmx msr tsc
pentium2 - pentium cmov fxsr mca mtrr pae pat pge pse36 sep
pentium3 - pentium2 sse
pentiumpro - pentium3 apic sse2 !mca !mtrr !pse36 !vme
coreduo Intel pentium3 apic clflush monitor nx pni sse2 !pse36
n270 Intel coreduo ssse3
core2duo Intel n270 lm pse36 syscall
qemu32 - pentiumpro pni
kvm32 - coreduo pse36 !monitor !nx !vme
cpu64-rhel5 - core2duo !monitor !ssse3 !vme
cpu64-rhel6 - cpu64-rhel5 cx16 lahf_lm
qemu64 - cpu64-rhel5 cx16 svm
kvm64 - cpu64-rhel5 cx16
Conroe Intel cpu64-rhel5 lahf_lm ssse3
Penryn Intel cpu64-rhel6 sse4.1 ssse3
Nehalem Intel Penryn popcnt sse4.2
Nehalem-IBRS Intel Nehalem spec-ctrl
Westmere Intel Nehalem aes
Westmere-IBRS Intel Nehalem-IBRS aes
SandyBridge Intel Westmere avx pclmuldq rdtscp tsc-deadline x2apic xsave
SandyBridge-IBRS Intel SandyBridge spec-ctrl
IvyBridge Intel SandyBridge erms f16c fsgsbase rdrand smep vme
IvyBridge-IBRS Intel IvyBridge spec-ctrl
Haswell-noTSX Intel SandyBridge avx2 bmi1 bmi2 erms fma fsgsbase invpcid movbe pcid smep
Haswell-noTSX-IBRS Intel Haswell-noTSX spec-ctrl
Haswell Intel Haswell-noTSX hle rtm
Haswell-IBRS Intel Haswell spec-ctrl
Broadwell-noTSX Intel Haswell-noTSX 3dnowprefetch adx rdseed smap
Broadwell-noTSX-IBRS Intel Broadwell-noTSX spec-ctrl
Broadwell Intel Broadwell-noTSX hle rtm
Broadwell-IBRS Intel Broadwell spec-ctrl
Skylake-Client Intel Broadwell abm arat f16c mpx rdrand vme xgetbv1 xsavec xsaveopt
Skylake-Client-IBRS Intel Skylake-Client spec-ctrl
Skylake-Client-noTSX-IBRS Intel Skylake-Client-IBRS !hle !rtm
Skylake-Server Intel Skylake-Client avx512bw avx512cd avx512dq avx512f avx512vl clwb pdpe1gb
Skylake-Server-IBRS Intel Skylake-Server spec-ctrl
Skylake-Server-noTSX-IBRS Intel Skylake-Server-IBRS !hle !rtm
Cascadelake-Server Intel Skylake-Server-IBRS avx512vnni clflushopt ssbd
Cascadelake-Server-noTSX Intel Cascadelake-Server !hle !rtm
Icelake-Client Intel Skylake-Client-IBRS avx512-vpopcntdq avx512bitalg avx512vbmi avx512vbmi2 avx512vnni gfni intel-pt pku ssbd umip
  vaes vpclmulqdq wbnoinvd
Icelake-Client-noTSX Intel Icelake-Client !hle !rtm
Icelake-Server Intel Icelake-Client avx512bw avx512cd avx512dq avx512f avx512vl clflushopt clwb la57 pdpe1gb
Icelake-Server-noTSX Intel Icelake-Server !hle !rtm
Cooperlake Intel Cascadelake-Server arch-capabilities avx512-bf16 ibrs-all mds-no pku pschange-mc-no rdctl-no skip-l1dfl-vmentry stibp
  taa-no !mpx
Snowridge Intel IvyBridge-IBRS 3dnowprefetch arat arch-capabilities cldemote clflushopt clwb core-capability gfni movbe movdir64b
  movdiri pdpe1gb rdseed sha-ni smap split-lock-detect ssbd umip xgetbv1 xsavec xsaveopt !avx !f16c
athlon AMD pentium3 3dnow 3dnowext apic mmxext sse2 !mca
phenom AMD cpu64-rhel5 3dnow 3dnowext fxsr_opt mmxext monitor svm
Opteron_G1 AMD cpu64-rhel5
Opteron_G2 AMD cpu64-rhel6 rdtscp svm
Opteron_G3 AMD Opteron_G2 abm misalignsse monitor popcnt sse4a
Opteron_G4 AMD SandyBridge 3dnowprefetch abm fma4 misalignsse pdpe1gb sse4a svm xop !tsc-deadline !x2apic
Opteron_G5 AMD Opteron_G4 f16c fma tbm
EPYC AMD Skylake-Client-noTSX-IBRS clflushopt cr8legacy fxsr_opt misalignsse mmxext monitor osvw pdpe1gb sha-ni sse4a svm !erms !invpcid
  !mpx !pcid !spec-ctrl !tsc-deadline !x2apic
EPYC-IBPB AMD EPYC ibpb
EPYC-Rome AMD EPYC-IBPB amd-stibp clwb clzero npt nrip-save perfctr_core rdpid umip wbnoinvd xsaveerptr !monitor
EPYC-Milan AMD EPYC-Rome amd-ssbd erms fsrm ibrs invpcid pcid pku svme-addr-chk xsaves
Dhyana Hygon EPYC-IBPB !aes !pclmuldq !sha-ni
"""
"""A model a line: its name, its maker (`-`: nobody's), the model that it is described by (`-`: none), and the features that it has
besides, or has not (`!`). A line that begins with blanks continues the one before."""

LATER = {
    "intel": ("SapphireRapids", "GraniteRapids", "SierraForest", "ClearwaterForest", "DiamondRapids", "Denverton", "KnightsMill"),
    "amd": ("EPYC-Genoa", "EPYC-Turin"),
}
"""Models of libvirt after 9.0 (src/cpu_map of its main branch, 2025), where names with a version, `EPYC-v4`, came too."""

FEATURES = """
fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 pn clflush ds acpi mmx fxsr sse sse2 ss ht tm ia64 pbe pni
pclmuldq dtes64 monitor ds_cpl vmx smx est tm2 ssse3 cid fma cx16 xtpr pdcm pcid dca sse4.1 sse4.2 x2apic movbe popcnt tsc-deadline aes
xsave osxsave avx f16c rdrand hypervisor arat fsgsbase tsc_adjust sgx bmi1 hle avx2 smep bmi2 erms invpcid rtm cmt mpx avx512f avx512dq
rdseed adx smap avx512ifma pcommit clflushopt clwb intel-pt avx512pf avx512er avx512cd sha-ni avx512bw avx512vl avx512vbmi umip pku
ospke waitpkg avx512vbmi2 gfni vaes vpclmulqdq avx512vnni avx512bitalg avx512-vpopcntdq la57 rdpid bus-lock-detect cldemote movdiri
movdir64b sgxlc pks avx512-4vnniw avx512-4fmaps fsrm avx512-vp2intersect md-clear serialize tsx-ldtrk pconfig arch-lbr amx-bf16
avx512-fp16 amx-tile amx-int8 spec-ctrl stibp arch-capabilities core-capability ssbd avx-vnni avx512-bf16 xsaveopt xsavec xgetbv1 xsaves
xfd mbm_total mbm_local sgx1 sgx2 sgx-exinfo sgx-debug sgx-mode64 sgx-provisionkey sgx-tokenkey sgx-kss intel-pt-lip syscall nx mmxext
fxsr_opt pdpe1gb rdtscp lm 3dnowext 3dnow lahf_lm cmp_legacy svm extapic cr8legacy abm sse4a misalignsse 3dnowprefetch osvw ibs xop
skinit wdt lwp fma4 tce cvt16 nodeid_msr tbm topoext perfctr_core perfctr_nb invtsc clzero xsaveerptr wbnoinvd ibpb ibrs amd-stibp
amd-ssbd virt-ssbd amd-no-ssb npt lbrv svm-lock nrip-save tsc-scale vmcb-clean flushbyasid decodeassists pause-filter pfthreshold avic
v-vmsave-vmload vgif svme-addr-chk rdctl-no ibrs-all rsba skip-l1dfl-vmentry ssb-no mds-no pschange-mc-no tsx-ctrl taa-no
split-lock-detect
"""
ALIASES = """
sse3=pni pclmulqdq=pclmuldq ds-cpl=ds_cpl sse4-1=sse4.1 sse4_1=sse4.1 sse4-2=sse4.2 sse4_2=sse4.2 tsc-adjust=tsc_adjust cqm=cmt
md_clear=md-clear arch_capabilities=arch-capabilities xd=nx ffxsr=fxsr_opt fxsr-opt=fxsr_opt i64=lm lahf-lm=lahf_lm
cmp-legacy=cmp_legacy nodeid-msr=nodeid_msr perfctr-core=perfctr_core perfctr-nb=perfctr_nb svm_lock=svm-lock nrip_save=nrip-save
tsc_scale=tsc-scale vmcb_clean=vmcb-clean pause_filter=pause-filter
"""
"""Names of QEMU's or Linux' for features, which libvirt does not take, and its own."""

LATER_FEATURES = """
amd-psfd amx-complex auto-ibrs avx-ifma avx-ne-convert avx-vnni-int16 avx-vnni-int8 avx10 avx10-128 avx10-256 avx10-512 bhi-ctrl bhi-no
bus-lock-detect cmpccxadd ddpd-u eraps fb-clear fbsdp-no flush-l1d fred fs-gs-base-ns gds-no hreset ibpb-brtype ipred-ctrl its-no lam
lfence-always-serializing lkgs mcdt-no no-nested-data-bp null-sel-clr-base overflow-recov pbrsb-no perfmon-v2 prefetchi prefetchiti psdp-no
psfd rfds-clear rfds-no rrsba-ctrl sbdr-ssdp-no sbpb sgx-aex-notify sgx-edeccssa sha512 sm3 sm4 srso-no srso-user-kernel-no
stibp-always-on succor vnmi wrmsrns zero-fcs-fds fdp-excptn-only amx-fp16 fsrc fsrs fzrm verw-clear
"""
"""Features of libvirt after 9.0 (src/cpu_map/x86_features.xml of its main branch, 2025); all `vmx-` ones are since 10.1."""

INTEL = """
vmx smx sgx sgxlc sgx1 sgx2 sgx-exinfo sgx-debug sgx-mode64 sgx-provisionkey sgx-tokenkey sgx-kss intel-pt intel-pt-lip hle rtm
mpx pcommit amx-bf16 amx-tile amx-int8 amx-fp16 amx-complex tsx-ldtrk tsx-ctrl avx512pf avx512er avx512-4vnniw avx512-4fmaps ds
ds_cpl ds-cpl dtes64 est tm tm2 pbe cid xtpr arch-lbr core-capability split-lock-detect waitpkg pconfig
"""
AMD = """
svm npt lbrv svm-lock svm_lock nrip-save nrip_save tsc-scale tsc_scale vmcb-clean vmcb_clean flushbyasid decodeassists
pause-filter pause_filter pfthreshold avic v-vmsave-vmload vgif vnmi svme-addr-chk sse4a misalignsse 3dnow 3dnowext cr8legacy osvw
ibs xop fma4 tbm skinit wdt lwp tce cvt16 nodeid_msr nodeid-msr topoext perfctr_core perfctr-core perfctr_nb perfctr-nb extapic
clzero xsaveerptr virt-ssbd amd-no-ssb
"""
"""Features of one maker's processors that KVM makes up on no other (kvm_set_cpu_caps, arch/x86/kvm/cpuid.c of Linux 6.1)."""


def vendor_of(model: str) -> str | None:
    """`intel` or `amd`; None for a model of neither, or one that is not known."""
    name = _unversioned(model)
    known = _models().get(name)
    return known[0] if known is not None else next((vendor for vendor, names in LATER.items() if name in names), None)


def features_of(model: str) -> frozenset[str] | None:
    """All features of a model; None where they are not known."""
    known = _models().get(model)
    return known[1] if known is not None else None


def models() -> tuple[str, ...]:
    return (*_models(), *(name for names in LATER.values() for name in names))


def features() -> tuple[str, ...]:
    return _features()


def is_model(name: str) -> bool:
    return _unversioned(name) in models()


def is_feature(name: str) -> bool:
    return name in _features() or name.startswith("vmx-")


def own_name(feature: str) -> str | None:
    """libvirt's name of what QEMU or Linux call so."""
    return dict(pair.split("=") for pair in ALIASES.split()).get(feature)


def is_later(name: str) -> bool:
    """Whether a model or feature came after libvirt 9.0."""
    model = _unversioned(name)
    models_ = any(model in names for names in LATER.values()) or (model != name and model in _models())
    return models_ or name.startswith("vmx-") or name in LATER_FEATURES.split()


def vendor_of_feature(name: str) -> str | None:
    """`intel` or `amd`, where no other has it."""
    if name in INTEL.split() or name.startswith("vmx-"):
        return "intel"
    return "amd" if name in AMD.split() else None


def baseline(hosts: Iterable[str]) -> str | None:
    """The model with most features of those that processors of all these models have; None where one of them is not known."""
    names = tuple(dict.fromkeys(hosts))
    if len(names) == 1 and is_model(names[0]):
        return names[0]
    sets = [features_of(name) for name in names]
    makers = {vendor_of(name) for name in names}
    if not sets or len(makers) > 1:
        return None
    common: frozenset[str] | None = None
    for one in sets:
        if one is None:
            return None
        common = one if common is None else common & one
    assert common is not None
    fitting = [(len(has), name) for name, (maker, has) in _models().items() if maker in makers and has <= common]
    return max(fitting, key=lambda each: each[0])[1] if fitting else None


def _unversioned(name: str) -> str:
    return re.sub(r"-v[0-9]{1,2}$", "", name)


@cache
def _features() -> tuple[str, ...]:
    return tuple(dict.fromkeys((*FEATURES.split(), *LATER_FEATURES.split())))


@cache
def _models() -> dict[str, tuple[str | None, frozenset[str]]]:
    found: dict[str, tuple[str | None, frozenset[str]]] = {}
    for line in re.sub(r"\n +", " ", MODELS).strip().splitlines():
        name, maker, base, *changes = line.split()
        has = set(found[base][1]) if base != "-" else set[str]()
        has.update(change for change in changes if not change.startswith("!"))
        has.difference_update(change[1:] for change in changes if change.startswith("!"))
        found[name] = {"Intel": "intel", "AMD": "amd"}.get(maker), frozenset(has)
    return found
