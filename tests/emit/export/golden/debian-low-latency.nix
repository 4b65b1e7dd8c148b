# Written by vmspec: change the source and export again.
{ pkgs, ... }:
{
  boot.kernelParams = [
    "cpufreq.default_governor=performance"
    "dyndbg=\"file a.c +p\""
    "intel_iommu=on"
    "iommu=pt"
    "irqaffinity=0-1,8-9"
    "isolcpus=managed_irq,domain,2-7"
    "nohz_full=2-7"
    "nosoftlockup"
    "rcu_nocbs=2-7"
    "skew_tick=1"
    "default_hugepagesz=2M"
    "hugepagesz=1G"
    "hugepages=0:16,1:8"
  ];
  boot.kernelPackages = pkgs.linuxPackages-rt;
  boot.kernelModules = [ "br_netfilter" "vhost_net" ];
  boot.initrd.kernelModules = [ "vfio_pci" "vfio_iommu_type1" ];
  boot.kernel.sysctl = {
    "kernel.numa_balancing" = "0";
    "net.bridge.bridge-nf-call-iptables" = "0";
    "vm.swappiness" = "1";
  };
  environment.etc."vmspec/irqbalance.env" = { text = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    IRQBALANCE_BANNED_CPULIST=2-7
    IRQBALANCE_BANNED_CPUS=fc
  ''; };
  boot.initrd.services.udev.rules = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    # Read before 80-drivers.rules, which loads the device's own driver.
    ACTION=="add", SUBSYSTEM=="pci", KERNEL=="0000:3b:00.0", ATTR{vendor}=="0x10de", ATTR{device}=="0x1db4", ATTR{driver_override}="vfio-pci"
    ACTION=="add", SUBSYSTEM=="pci", KERNEL=="0000:3b:00.1", ATTR{driver_override}="vfio-pci"
  '';
  boot.extraModprobeConfig = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    options kvm kvmclock_periodic_sync=0
    options kvm_intel ple_gap=0
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    softdep nouveau pre: vfio-pci
    softdep nvidia pre: vfio-pci
    softdep nvidia_drm pre: vfio-pci
    softdep amdgpu pre: vfio-pci
    softdep radeon pre: vfio-pci
    softdep i915 pre: vfio-pci
    softdep xe pre: vfio-pci
    softdep snd_hda_intel pre: vfio-pci
  '';
  systemd.tmpfiles.rules = [
    "w /sys/kernel/mm/transparent_hugepage/enabled - - - - never"
    "w /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor - - - - performance"
    "w /sys/devices/system/cpu/cpu2/power/pm_qos_resume_latency_us - - - - 2"
    "w /sys/devices/system/cpu/cpu3/power/pm_qos_resume_latency_us - - - - 2"
    "w /sys/devices/system/cpu/cpu4/power/pm_qos_resume_latency_us - - - - 2"
    "w /sys/devices/system/cpu/cpu5/power/pm_qos_resume_latency_us - - - - 2"
    "w /sys/devices/system/cpu/cpu6/power/pm_qos_resume_latency_us - - - - 2"
    "w /sys/devices/system/cpu/cpu7/power/pm_qos_resume_latency_us - - - - 2"
    "w /sys/kernel/mm/ksm/merge_across_nodes - - - - 0"
    "w /sys/kernel/mm/ksm/run - - - - 2"
    "w /sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages - - - - 512"
    "w /sys/devices/virtual/workqueue/cpumask - - - - 3"
  ];
  services.udev.packages = [
    (pkgs.writeTextDir "lib/udev/rules.d/90-vmspec-functions.rules" ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    ACTION=="bind", SUBSYSTEM=="pci", KERNEL=="0000:5e:00.0", ATTR{sriov_numvfs}=="0", ATTR{sriov_numvfs}="8"
    ACTION=="add", SUBSYSTEM=="net", KERNEL=="ens2", ATTR{device/sriov_numvfs}=="0", ATTR{device/sriov_numvfs}="4"
    ACTION=="add", SUBSYSTEM=="net", NAME=="ens2", ATTR{device/sriov_numvfs}=="0", ATTR{device/sriov_numvfs}="4"
  '')
    (pkgs.writeTextDir "lib/udev/rules.d/10-vmspec-vfio.rules" ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    # Read before 80-drivers.rules, which loads the device's own driver.
    ACTION=="add", SUBSYSTEM=="pci", KERNEL=="0000:3b:00.0", ATTR{vendor}=="0x10de", ATTR{device}=="0x1db4", ATTR{driver_override}="vfio-pci"
    ACTION=="add", SUBSYSTEM=="pci", KERNEL=="0000:3b:00.1", ATTR{driver_override}="vfio-pci"
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
  systemd.units."vmspec-realtime.service" = {
    wantedBy = [ "multi-user.target" ];
    text = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    [Unit]
    Description=Priorities and fair servers of CPUs for real-time guests
    After=sys-kernel-debug.mount
    Before=libvirtd.service virtqemud.service

    [Service]
    Environment=PATH=/run/current-system/sw/bin
    Type=oneshot
    RemainAfterExit=yes
    ExecStart=/bin/sh -c 'for p in /proc/[0-9]*; do read -r n < $$p/comm || continue; case "$$n" in ksoftirqd/2|ktimers/2|ksoftirqd/3|ktimers/3|ksoftirqd/4|ktimers/4|ksoftirqd/5|ktimers/5|ksoftirqd/6|ktimers/6|ksoftirqd/7|ktimers/7) chrt --fifo --pid 2 $''${p#/proc/};; esac; done'
    ExecStart=-/bin/sh -c 'for s in fair_server ext_server; do for c in 2 3 4 5 6 7; do f=/sys/kernel/debug/sched/$$s/cpu$$c/runtime; if [ -e $$f ]; then echo 0 > $$f; fi; done; done'

    [Install]
    WantedBy=multi-user.target
  '';
  };
  systemd.units."ovs.slice" = {
    text = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    # Its poll threads: ovs-vsctl set Open_vSwitch . other_config:pmd-cpu-mask=0xc other_config:dpdk-socket-mem=1024,0
    [Unit]
    Description=Open vSwitch and its poll threads
    Before=slices.target

    [Slice]
    AllowedCPUs=0-3,8-9
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
    ExecStart=/bin/sh -ec 'echo vfio-pci > /sys/bus/pci/devices/0000:3b:00.1/driver_override; if [ "$$(basename "$$(readlink /sys/bus/pci/devices/0000:3b:00.1/driver)")" = vfio-pci ]; then exit 0; fi; if [ -e /sys/bus/pci/devices/0000:3b:00.1/driver ]; then echo 0000:3b:00.1 > /sys/bus/pci/devices/0000:3b:00.1/driver/unbind; fi; echo 0000:3b:00.1 > /sys/bus/pci/drivers_probe'

    [Install]
    WantedBy=multi-user.target
  '';
  };
  systemd.units."system.slice" = { overrideStrategy = "asDropin"; text = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    [Slice]
    AllowedCPUs=0-1,8-9
    MemoryMin=4294967296
  ''; };
  systemd.units."user.slice" = { overrideStrategy = "asDropin"; text = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    [Slice]
    AllowedCPUs=0-1,8-9
  ''; };
  systemd.units."init.scope" = { overrideStrategy = "asDropin"; text = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    [Scope]
    AllowedCPUs=0-1,8-9
  ''; };
  systemd.units."irqbalance.service" = { overrideStrategy = "asDropin"; text = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    [Service]
    EnvironmentFile=/etc/vmspec/irqbalance.env
  ''; };
  systemd.units."ksm.service" = { overrideStrategy = "asDropin"; text = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    [Unit]
    ConditionKernelCommandLine=vmspec.never
  ''; };
  systemd.units."ksmtuned.service" = { overrideStrategy = "asDropin"; text = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    [Unit]
    ConditionKernelCommandLine=vmspec.never
  ''; };
  systemd.units."ovs-vswitchd.service" = { overrideStrategy = "asDropin"; text = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    [Service]
    Slice=ovs.slice
  ''; };
  systemd.units."ovsdb-server.service" = { overrideStrategy = "asDropin"; text = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    [Service]
    Slice=ovs.slice
  ''; };
}
