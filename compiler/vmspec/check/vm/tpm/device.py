"""The TPM and its backend."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.tpm import Tpm
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, is_arm_virt, is_pseries


@rule(4620, "tpm-version-model", phase=Phase.DEFINE, needs="version model")
def version_model(tpm: Tpm, vm: Domain) -> Iterator[Finding]:
    """
    What: TPM 1.2 with model tpm-crb or tpm-spapr, or on ARM.
    Why: CRB is an interface of TPM 2.0; libvirt 9.0.0 refuses the pair at define (qemuValidateDomainDeviceDefTPM,
    src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Unsupported interface 'tpm-crb' for TPM 1.2.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; machine = q35; tpm { model = tpm-crb; version = "1.2" } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; machine = q35; tpm { model = tpm-crb; version = "2.0" } }
    """
    if tpm.version != "1.2" or tpm.backend not in (None, "emulator"):
        return
    if tpm.model in ("tpm-crb", "tpm-spapr"):
        yield Finding(("tpm", tpm.label, "version"), f"{tpm.model} is an interface of TPM 2.0, not 1.2", instead='"2.0"')
    elif is_arm_virt(vm):
        yield Finding(("tpm", tpm.label, "version"), "ARM machines have no TPM 1.2", instead='"2.0"')


@rule(4621, "tpm-pcr-banks", phase=Phase.DEFINE, needs="pcr_banks")
def pcr_banks(tpm: Tpm) -> Iterator[Finding]:
    """
    What: `pcr-banks` without `version = "2.0"`.
    Why: libvirt 9.0.0 refuses it at define (virDomainTPMDevValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: <active_pcr_banks/> requires TPM version '2.0'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; tpm { model = tpm-tis; version = "1.2"; pcr-banks { sha256 = true } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; tpm { model = tpm-crb; version = "2.0"; pcr-banks { sha256 = true } } }
    """
    if tpm.pcr_banks is not None and tpm.version != "2.0" and tpm.backend in (None, "emulator"):
        yield Finding(("tpm", tpm.label, "pcr-banks"), 'PCR banks need version = "2.0"')


@rule(4622, "tpm-backend-missing", phase=Phase.DEFINE)
def backend_missing(tpm: Tpm) -> Iterator[Finding]:
    """
    What: A TPM has no backend.
    Why: libvirt 9.0.0 refuses it at define ("missing TPM device backend", virDomainTPMDefParseXML, src/conf/domain_conf.c).
    Example:
        vm a { resolve = false; memory.size = 1GiB; cpu.count = 1; tpm { model = tpm-tis } }
    Instead:
        vm a { resolve = false; memory.size = 1GiB; cpu.count = 1; tpm { model = tpm-tis; backend = emulator } }
    """
    if tpm.backend is None:
        yield Finding(("tpm", tpm.label), f"TPM {tpm.label} has no backend", help="set backend = emulator")


@rule(4623, "tpm-external-source", phase=Phase.DEFINE, needs="backend")
def external_source(tpm: Tpm) -> Iterator[Finding]:
    """
    What: `backend = external` without the path of a Unix socket.
    Why: libvirt 9.0.0 refuses it at define (virDomainTPMDevValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: missing external TPM backend type.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; tpm { model = tpm-crb; backend = external } }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          tpm { model = tpm-crb; backend = external; source-type = unix; source = "/run/tpm.sock"; source-mode = connect }
        }
    """
    if tpm.backend == "external" and (not tpm.source or tpm.source_type not in (None, "unix")):
        yield Finding(
            ("tpm", tpm.label, "backend"), "an external TPM is reached by a Unix socket", help='set source-type = unix and source = "/…"'
        )


@rule(4624, "tpm-spapr-machine", phase=Phase.DEFINE, needs="model")
def spapr_machine(tpm: Tpm, vm: Domain) -> Iterator[Finding]:
    """
    What: Model tpm-spapr or spapr-tpm-proxy on another machine than pSeries, or the proxy without the host's TPM.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefTPM, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: The QEMU executable /usr/bin/qemu-system-x86_64 does
    not support TPM model tpm-spapr.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; tpm { model = tpm-spapr; version = "2.0" } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; tpm { model = tpm-crb; version = "2.0" } }
    """
    if tpm.model in ("tpm-spapr", "spapr-tpm-proxy") and not is_pseries(vm):
        yield Finding(("tpm", tpm.label, "model"), f"{tpm.model} is for pSeries, not {describe(vm)}", instead="tpm-crb")
    elif tpm.model == "spapr-tpm-proxy" and tpm.backend != "passthrough":
        yield Finding(("tpm", tpm.label, "backend"), "a TPM proxy passes the host's TPM through", instead="passthrough")
