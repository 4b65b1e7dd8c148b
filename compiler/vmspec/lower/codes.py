"""The codes of what building finds: intents that cannot be carried out, hosts whose guests disagree, a lock that is broken."""

from __future__ import annotations

from vmspec.base.code import Code, Fault

PIN_COUNT = Code(
    4000,
    "pin-count",
    """
    What: `cpu.pin` gives each vCPU its CPU, so it has exactly as many as the VM has vCPUs, or as many as there are vCPUs without a
      `vcpu N { pin }` of their own.
    Why: with fewer CPUs two vCPUs would share one, with more a CPU would be held for nothing; libvirt discards the pin of a
      vCPU that does not exist without a word (src/conf/domain_conf.c 9.0.0, virDomainVcpuPinDefParseXML).
    Example:
        vm "a" { cpu { count = 4; pin = 2-4 }; emulator.pin = 0-1; memory.size = 1GiB }
    Instead:
        vm "a" { cpu { count = 4; pin = 2-5 }; emulator.pin = 0-1; memory.size = 1GiB }
    """,
)
PIN_DISAGREES = Code(
    4001,
    "pin-disagrees",
    """
    What: `cpu.pin` and `vcpu N { pin }` are one setting; here the same layer gives a vCPU two different places.
    Why: nothing says which of the two is meant. A stronger layer would have decided.
    Example:
        vm "a" { cpu { count = 2; pin = 2-3 }; vcpu 0 { pin = 6 }; emulator.pin = 0-1; memory.size = 1GiB }
    Instead:
        vm "a" { cpu { count = 2; pin = 2-3 }; vcpu 0 { pin = 2 }; emulator.pin = 0-1; memory.size = 1GiB }
    """,
)
NO_VCPU = Code(
    4002,
    "no-such-vcpu",
    """
    What: a `vcpu N` block of a vCPU that the VM does not have; they count from 0.
    Why: libvirt silently discards a pin of a vCPU at or above the maximum (src/conf/domain_conf.c 9.0.0) and refuses a scheduler.
    Example:
        vm "a" { cpu.count = 4; vcpu 4 { scheduler = batch }; memory.size = 1GiB }
    Instead:
        vm "a" { cpu.count = 4; vcpu 3 { scheduler = batch }; memory.size = 1GiB }
    """,
)
UNCOUNTED = Code(
    4003,
    "vcpus-uncounted",
    """
    What: `cpu.cpuset` or `cpu.placement` says where the vCPUs run, and nothing says how many there are.
    Why: they are attributes of `<vcpu>`, whose text is the number; libvirt refuses the element without one (virDomainVcpuParse,
      src/conf/domain_conf.c 9.0.0), and its schema does too.
    Example:
        vm "a" { cpu.cpuset = 0-3; memory.size = 1GiB }
    Instead:
        vm "a" { cpu { count = 2; cpuset = 0-3 }; memory.size = 1GiB }
    """,
)
SIBLINGS_UNKNOWN = Code(
    4007,
    "siblings-unknown",
    """
    What: the guest's cores have several threads, `cpu.pin` is a cpuset, and nothing tells which CPUs of the host share a core.
    Why: threads of a core in the guest are to be threads of a core of the host: its scheduler and its mitigations count on that. Hosts
      number them differently: CPU 1 is the sibling of CPU 0 on one, of CPU 33 on another
      (/sys/devices/system/cpu/cpuN/topology/thread_siblings_list). A list says the order; with facts a cpuset is dealt out core by core.
    Example:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB } }
        vm a {
          place = host(n1)
          memory.size = 1GiB
          cpu { count = 4; mode = host-passthrough; pin = 2-3,6-7; topology { sockets = 1; cores = 2; threads = 2 } }
          emulator.pin = 0
        }
    Instead:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; siblings = ["0,4", "1,5", "2,6", "3,7"] }
        vm a {
          place = host(n1)
          memory.size = 1GiB
          cpu { count = 4; mode = host-passthrough; pin = 2-3,6-7; topology { sockets = 1; cores = 2; threads = 2 } }
          emulator.pin = 0
        }
    """,
)
NO_PLACE = Code(
    4004,
    "no-place-on-bus",
    """
    What: the guest has more devices than its buses have places.
    Why: a q35 guest has at most 180 PCIe root ports in layout 1, an i440fx guest 31 slots a bus; a SATA controller has six ports.
    """,
)
MAC_TAKEN = Code(
    4005,
    "mac-taken",
    """
    What: two interfaces of the fleet are given the same MAC address.
    Why: libvirt does not look across domains; on one segment both guests lose packets at random.
    Example:
        vm "a" { cpu.count = 1; memory.size = 1GiB; interface eth0 { source = bridge("br0"); mac = 52:54:00:00:00:01 } }
        vm "b" { cpu.count = 1; memory.size = 1GiB; interface eth0 { source = bridge("br0"); mac = 52:54:00:00:00:01 } }
    Instead:
        vm "a" { cpu.count = 1; memory.size = 1GiB; interface eth0 { source = bridge("br0"); mac = 52:54:00:00:00:01 } }
        vm "b" { cpu.count = 1; memory.size = 1GiB; interface eth0 { source = bridge("br0") } }
    """,
)
TARGET_TAKEN = Code(
    4006,
    "target-taken",
    """
    What: a disk takes the target name that the lock keeps for another disk of the guest.
    Why: the other one would get a new name, and with it another place on its bus: the guest that looks for its data on vda finds
      other data there.
    """,
)
PLACE_TAKEN = Code(
    4008,
    "place-taken",
    """
    What: a device is written to a place that the lock keeps for another device of the guest: a PCI address, a port of USB or
      virtio-serial, the number of a controller, a unit on a SCSI controller.
    Why: the other one would move, and the guest would see it as new hardware: a card with another name, a disk with another path.
    """,
)
LAID_OUT_ANEW = Code(
    8905,
    "laid-out-anew",
    """
    What: the machine of a VM is now of another family (i440fx and not q35, another architecture) than the one in `vmspec.lock`.
    Why: the buses of one family have no places of another: the lock's addresses mean nothing, and the guest sees new hardware. It keeps
      its UUID and its MAC addresses; its drivers, names of network cards and a Windows activation may not survive. `vmc diff` shows
      it as a change of class `guest-abi`. With `--locked` it is an error.
    """,
    fault=Fault.LOCK,
)
REQUESTS_DISAGREE = Code(
    5900,
    "requests-disagree",
    """
    What: two VMs on one host ask the same setting of it with different values.
    Why: a host has one value of it; taking either would silently break the other guest. The host's own `=` settles plain requests,
      `?=` in one of the profiles lets the other win, and a final request yields to nobody.
    Example:
        host n1 { }
        vm "a" { cpu.count = 1; memory.size = 1GiB; place = host(n1); host.sysctl { vm.swappiness = 1 } }
        vm "b" { cpu.count = 1; memory.size = 1GiB; place = host(n1); host.sysctl { vm.swappiness = 60 } }
    Instead:
        host n1 { sysctl { vm.swappiness = 10 } }
        vm "a" { cpu.count = 1; memory.size = 1GiB; place = host(n1); host.sysctl { vm.swappiness = 1 } }
        vm "b" { cpu.count = 1; memory.size = 1GiB; place = host(n1); host.sysctl { vm.swappiness = 60 } }
    """,
)
FINAL_REQUEST = Code(
    5901,
    "final-request-broken",
    """
    What: a VM asks a setting of its host as `final`, and the host or another VM says something else.
    Why: `final` is broken by nobody, the host's own value included.
    Example:
        host n1 { sysctl { vm.swappiness = 10 } }
        vm "a" { cpu.count = 1; memory.size = 1GiB; place = host(n1); host { final sysctl { vm.swappiness = 1 } } }
    Instead:
        host n1 { sysctl { vm.swappiness = 1 } }
        vm "a" { cpu.count = 1; memory.size = 1GiB; place = host(n1); host { final sysctl { vm.swappiness = 1 } } }
    """,
)
UNPLACED_REQUESTS = Code(
    5902,
    "requests-unplaced",
    """
    What: a VM asks something of the host that it lands on, and it is placed on none, although the program has hosts.
    Why: nothing is emitted for its host; whoever runs the domain has to see to the settings. The manifest lists them, also where the
        program has no hosts at all; then nothing is said.
    Example:
        host n1 { }
        vm "a" { cpu.count = 1; memory.size = 1GiB; host.sysctl { vm.swappiness = 1 } }
    Instead:
        host n1 { }
        vm "a" { cpu.count = 1; memory.size = 1GiB; place = host(n1); host.sysctl { vm.swappiness = 1 } }
    """,
)
UNKNOWN_HOST = Code(
    5903,
    "placed-on-unknown-host",
    """
    What: a VM is placed on a host that the program does not hold.
    Why: there is nothing to emit its host's files into; the evaluator refuses such a name before, a placement in the lock may hold one.
    """,
)
UNWRITABLE = Code(
    5904,
    "unwritable-host-value",
    """
    What: a value that the file it goes to cannot hold: a line break, a quote, or a blank where the format has no way to write one.
    Why: the kernel's command line ends an argument at a blank and knows no escape for a double quote (Linux
      Documentation/admin-guide/kernel-parameters.rst); sysctl.d, tmpfiles.d and modprobe.d hold one setting a line.
    Example:
        host n1 { sysctl { kernel.core_pattern = "core\\nkernel.panic = 1" } }
    Instead:
        host n1 { sysctl { kernel.core_pattern = "core.%p" } }
    """,
)
LOCK_SYNTAX = Code(
    8900,
    "lock-syntax",
    """
    What: `vmspec.lock` is not JSON, or is no regular file of the project.
    Why: `vmc build` writes it; a merge conflict left in it is the usual cause. Take either side and build again.
    """,
    fault=Fault.LOCK,
)
LOCK_VERSION = Code(
    8901,
    "lock-version",
    """
    What: `vmspec.lock` was written by a newer vmc.
    Why: an older one would drop what it does not know, and guests would see other hardware.
    """,
    fault=Fault.LOCK,
)
LOCK_ENTRY = Code(
    8902,
    "lock-entry",
    "What: an entry of `vmspec.lock` is not what `vmc build` writes.\nWhy: a guessed address would move a device of the guest.",
    fault=Fault.LOCK,
)
LOCK_DUPLICATE = Code(
    8903,
    "lock-duplicate",
    "What: `vmspec.lock` holds one name twice.\nWhy: a merge of two branches that added the same VM does this. Keep one of the two lines.",
    fault=Fault.LOCK,
)
LOCK_STALE = Code(
    8904,
    "lock-stale",
    """
    What: with `--locked`, the build would change `vmspec.lock`.
    Why: identities, machine types and addresses of guests change only where someone commits the change of the lock.
    """,
    fault=Fault.LOCK,
)
FORMAT_UNREADABLE = Code(
    4366,
    "format-unreadable",
    """
    What: An image's format is not written, and its name is that of a format or an archive that libvirt cannot read: .vhdx, .ova, .hdd, .xz.
    Why: It would be given to the guest as a raw disk, byte by byte. libvirt's formats are those of virStorageFileFormat
        (src/conf/storage_source_conf.h 9.0.0).
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; disk vda { source = file("/images/a.vhdx") } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; disk vda { source = file("/images/a.qcow2") } }
    """,
)
FORMAT_GUESSED = Code(
    4367,
    "format-guessed",
    """
    What: An image's format is not written, and its name does not tell: it ends in .img, or in nothing known.
    Why: raw is taken. A qcow2 image that is read as raw does not boot, and what the guest writes destroys it; cloud images called .img are
        qcow2 as a rule.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; disk vda { source = file("/images/noble-server-cloudimg-amd64.img") } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; disk vda { source = file("/images/noble-server-cloudimg-amd64.img", format = qcow2) } }
    """,
)
