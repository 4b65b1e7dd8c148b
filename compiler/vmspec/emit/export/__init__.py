"""A host's settings in the words of systems that own their hosts' files themselves: a MachineConfig of OpenShift, a NixOS module."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vmspec.emit.export.machineconfig import machine_config
from vmspec.emit.export.nixos import nixos_module
from vmspec.lower.fleet import HostObject

EXPORTS: Mapping[str, Callable[[HostObject], str]] = {"machineconfig": machine_config, "nixos": nixos_module}
"""By the name of the format."""
