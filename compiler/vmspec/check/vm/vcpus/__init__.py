"""Rules about vCPUs, their pins and the threads beside them.

Its modules, and the features of which one must be set for a module to have anything to say.
"""

TOPICS = {
    "count": "",
    "hotplug": "vcpu cpu.topology",
    "pins": "vcpu iothread emulator cpu.pin cpu.placement numa.placement cpu.topology",
    "scheduler": "vcpu iothread iothread_limit emulator vcpu_schedule iothread_schedule",
    "iothreads": "iothread emulator",
    "accelerator": "cpu.cachetune cpu.memorytune cpu.mode",
}
