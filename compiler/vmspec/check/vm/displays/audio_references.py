"""A sound backend that does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4844, "audio-references", phase=Phase.DEFINE)
def audio_references(vm: Domain) -> Iterator[Finding]:
    """
    What: A sound card or display names an audio backend that does not exist, or two backends have one number.
    Why: libvirt 9.0.0 refuses it at define (virDomainEnsureAudioID and virDomainAudioDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: no audio device with ID 2.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          sound { model = ich9; audio = 2 }
          audio audio1 { id = 1; type = none }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          sound { model = ich9; audio = 1 }
          audio audio1 { id = 1; type = none }
        }
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
