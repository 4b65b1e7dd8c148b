"""Sound devices and the backends that they name."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu


@rule(4844, "audio-references", phase=Phase.DEFINE, needs="sound graphics audio")
def audio_references(vm: Domain) -> Iterator[Finding]:
    """
    What: A sound card or display names an audio backend that does not exist, or two backends have one number.
    Why: libvirt 9.0.0 refuses it at define (virDomainEnsureAudioID and virDomainAudioDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: no audio device with ID 2.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; sound { model = ich9; audio = 2 }; audio audio1 { id = 1; type = none } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; sound { model = ich9; audio = 1 }; audio audio1 { id = 1; type = none } }
    """
    ids: dict[int, str] = {}
    for audio in vm.audio:
        if audio.id is None:
            continue
        first = ids.setdefault(audio.id, audio.label)
        if first != audio.label:
            yield Finding(
                ("audio", audio.label, "id"), f"audio {first} has id {audio.id} already", labels=((("audio", first, "id"), "the first"),)
            )
    if not vm.audio:
        ids[1] = "audio1"  # libvirt adds it (qemuDomainDefAddDefaultAudioBackend, src/qemu/qemu_domain.c)
    users = [("sound", s.label, s.audio) for s in vm.sound if s.audio] + [
        ("graphics", g.label, g.audio) for g in vm.graphics if g.audio and g.type == "vnc"
    ]
    for kind, label, number in users:
        if number not in ids:
            yield Finding((kind, label, "audio"), f"there is no audio backend {number}")


@rule(4845, "spice-audio", phase=Phase.DEFINE, needs="audio")
def spice_audio(vm: Domain) -> Iterator[Finding]:
    """
    What: An audio backend of type spice, and the VM has no Spice graphics.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefAudio, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Spice audio is not supported without spice graphics.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; audio audio1 { id = 1; type = spice } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; graphics { type = spice }; audio audio1 { id = 1; type = spice } }
    """
    if any(g.type == "spice" for g in vm.graphics):
        return
    for audio in vm.audio:
        if audio.type == "spice":
            yield Finding(("audio", audio.label, "type"), "Spice carries the sound, and the VM has no Spice graphics")


@rule(4846, "sound-model", phase=Phase.DEFINE, needs="sound")
def sound_model(vm: Domain) -> Iterator[Finding]:
    """
    What: A sound card of model ich7.
    Why: libvirt 9.0.0 refuses it with QEMU at define (qemuValidateDomainDeviceDefSound, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: Cannot automatically add a new PCI bus for a device with connect
    flags 00.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; sound { model = ich7 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; sound { model = ich9 } }
    """
    for sound in vm.sound:
        if sound.model == "ich7" and is_qemu(vm):
            yield Finding(("sound", sound.label, "model"), "QEMU has no sound card ich7", instead="ich9")
