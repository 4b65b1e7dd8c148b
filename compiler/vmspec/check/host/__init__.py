"""Rules about a host and the VMs on it: its modules, and the features of which one must be set for a module to have anything to say."""

TOPICS = {
    "cpus": "vcpu cpu emulator iothread numa memory_device kernel reserve smt overcommit.cpu",
    "dedicated": "vcpu cpu cpu.topology cpu.thread_policy governor",
    "memory": "memory numa vcpu cpu",
    "devices": "interface hostdev nic device storage siblings",
    "capabilities": "",
    "switch": "switch",
    "partition": "isolation tickless",
    "interfaces": "bridge bond nic interface_files",
    "arguments": "kernel reserve",
    "twice": "kernel sysctl modprobe numa sysfs",
    "effects": "kernel modprobe realtime_kernel",
    "names": "kernel sysctl modprobe sysfs",
}
