# Written by vmspec: change the source and export again.
{ pkgs, ... }:
{
  boot.kernelParams = [
    "iommu=pt"
    "nosmt"
  ];
  boot.initrd.kernelModules = [ "vfio_pci" "vfio_iommu_type1" ];
  boot.initrd.services.udev.rules = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    # Read before 80-drivers.rules, which loads the device's own driver.
    ACTION=="add", SUBSYSTEM=="pci", KERNEL=="0000:3b:00.0", ATTR{driver_override}="vfio-pci"
  '';
  boot.extraModprobeConfig = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    softdep mpt3sas pre: vfio-pci
  '';
  services.udev.packages = [
    (pkgs.writeTextDir "lib/udev/rules.d/10-vmspec-vfio.rules" ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    # Read before 80-drivers.rules, which loads the device's own driver.
    ACTION=="add", SUBSYSTEM=="pci", KERNEL=="0000:3b:00.0", ATTR{driver_override}="vfio-pci"
  '')
  ];
  systemd.units."dev-hugepages1G.mount" = {
    wantedBy = [ "sysinit.target" ];
    text = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    [Unit]
    Description=Huge pages of 1 GiB for guests
    DefaultDependencies=no
    Before=sysinit.target
    ConditionPathExists=/sys/kernel/mm/hugepages/hugepages-1048576kB

    [Mount]
    What=hugetlbfs
    Where=/dev/hugepages1G
    Type=hugetlbfs
    Options=pagesize=1G

    [Install]
    WantedBy=sysinit.target
  '';
  };
  systemd.units."vmspec-hugepages.service" = {
    wantedBy = [ "sysinit.target" ];
    text = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    [Unit]
    Description=Huge pages of each node for guests
    DefaultDependencies=no
    Before=sysinit.target ovs-vswitchd.service
    Before=libvirtd.service virtqemud.service

    [Service]
    Environment=PATH=/run/current-system/sw/bin
    Type=oneshot
    RemainAfterExit=yes
    ExecStart=/bin/sh -c 'n=0; while [ $$(cat /sys/devices/system/node/node0/hugepages/hugepages-1048576kB/nr_hugepages) -lt 4 ]; do [ $$n -lt 60 ] || { echo "/sys/devices/system/node/node0/hugepages/hugepages-1048576kB/nr_hugepages: $$(cat /sys/devices/system/node/node0/hugepages/hugepages-1048576kB/nr_hugepages) of 4 pages" >&2; exit 1; }; [ $$n -eq 0 ] || { sleep 1; echo 3 > /proc/sys/vm/drop_caches; echo 1 > /proc/sys/vm/compact_memory; }; echo 4 > /sys/devices/system/node/node0/hugepages/hugepages-1048576kB/nr_hugepages; n=$$((n + 1)); done'

    [Install]
    WantedBy=sysinit.target
  '';
  };
  systemd.units."vmspec-vfio.service" = {
    wantedBy = [ "multi-user.target" ];
    text = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    [Unit]
    Description=PCI devices for guests
    Before=libvirtd.service virtqemud.service

    [Service]
    Environment=PATH=/run/current-system/sw/bin
    Type=oneshot
    RemainAfterExit=yes
    ExecStartPre=/run/current-system/sw/bin/modprobe vfio-pci
    ExecStart=/bin/sh -ec 'echo vfio-pci > /sys/bus/pci/devices/0000:3b:00.0/driver_override; if [ "$$(basename "$$(readlink /sys/bus/pci/devices/0000:3b:00.0/driver)")" = vfio-pci ]; then exit 0; fi; if [ -e /sys/bus/pci/devices/0000:3b:00.0/driver ]; then echo 0000:3b:00.0 > /sys/bus/pci/devices/0000:3b:00.0/driver/unbind; fi; echo 0000:3b:00.0 > /sys/bus/pci/drivers_probe'

    [Install]
    WantedBy=multi-user.target
  '';
  };
  systemd.units."irqbalance.service" = { overrideStrategy = "asDropin"; text = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    [Unit]
    ConditionKernelCommandLine=vmspec.never
  ''; };
}
