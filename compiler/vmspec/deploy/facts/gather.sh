# Prints what this machine's /sys, /proc and /etc say of its hardware and system, by show.sh; changes and installs nothing.
# $1: the directory that is looked at as the root of the file system; with another than / no program is asked.
root=${1:-/}
cd "$root" || exit 1

printf 'C\troot\n\t%s\n' "$root"
release=
[ -r proc/sys/kernel/osrelease ] && release=$(cat proc/sys/kernel/osrelease)
show proc/sys/kernel/osrelease proc/sys/kernel/arch etc/os-release usr/lib/os-release proc/cmdline
if [ -r proc/cpuinfo ]; then
  printf 'F\tproc/cpuinfo\n'
  sed "/^[[:space:]]*\$/q; s/^/$tab/" proc/cpuinfo
fi
show sys/devices/system/cpu/online sys/devices/system/cpu/smt/control sys/devices/cpu_core/cpus sys/devices/cpu_atom/cpus \
  sys/devices/system/cpu/cpu[0-9]*/topology/thread_siblings_list sys/devices/system/cpu/cpu[0-9]*/topology/physical_package_id \
  sys/devices/system/cpu/cpu[0-9]*/cpu_capacity sys/devices/system/cpu/cpu[0-9]*/cache/index*/level \
  sys/devices/system/cpu/cpu[0-9]*/cache/index*/shared_cpu_list sys/devices/system/cpu/cpu[0-9]*/cache/index*/size \
  sys/devices/system/cpu/cpu[0-9]*/cache/index*/type sys/devices/system/cpu/vulnerabilities/* \
  sys/devices/system/cpu/cpu0/cpufreq/scaling_driver sys/devices/system/cpu/cpu0/cpufreq/scaling_available_governors \
  sys/devices/system/cpu/cpuidle/current_driver sys/devices/system/cpu/cpu0/cpuidle/state*/name \
  sys/devices/system/cpu/cpu0/cpuidle/state*/latency
show sys/devices/system/node/node[0-9]*/cpulist sys/devices/system/node/node[0-9]*/meminfo sys/devices/system/node/node[0-9]*/distance
exist sys/devices/system/node/node[0-9]*/hugepages/* sys/kernel/mm/hugepages/*
[ -r proc/meminfo ] && printf 'F\tproc/meminfo\n' && sed -n "s/^MemTotal/${tab}MemTotal/p" proc/meminfo

show sys/bus/pci/devices/*/class sys/bus/pci/devices/*/vendor sys/bus/pci/devices/*/device sys/bus/pci/devices/*/numa_node \
  sys/bus/pci/devices/*/sriov_totalvfs
links sys/bus/pci/devices/*/driver sys/bus/pci/devices/*/iommu_group sys/bus/pci/devices/*/physfn
links sys/class/net/* sys/class/net/*/device/driver
show sys/class/net/*/mtu sys/class/net/*/speed sys/class/net/*/device/numa_node

show sys/fs/cgroup/cgroup.controllers
exist sys/fs/cgroup/cpuset.cpus.isolated sys/fs/cgroup/*/cpuset.cpus.exclusive sys/fs/cgroup/cpuset
exist sys/kernel/mm/transparent_hugepage/enabled sys/kernel/mm/ksm/run sys/firmware/efi dev/userfaultfd dev/kvm
exist etc/default/grub boot/grub/grub.cfg boot/grub2/grub.cfg usr/sbin/grubby usr/bin/grubby sbin/grubby boot/loader/entries \
  boot/efi/loader/loader.conf efi/loader/loader.conf boot/loader/loader.conf etc/kernel/cmdline run/ostree-booted usr/bin/bootc \
  etc/zipl.conf etc/grub.d/00_tuned usr/lib/tuned/profiles etc/tuned/profiles usr/lib/tuned etc/tuned
show sys/kernel/security/lockdown etc/tuned/tuned-main.conf etc/default/grub.d/90-vmspec.cfg etc/tuned/vmspec/tuned.conf \
  etc/tuned/profiles/vmspec/tuned.conf var/lib/vmspec/cmdline var/lib/vmspec/cmdline.systemd-boot \
  var/lib/vmspec/cmdline.rpm-ostree var/lib/vmspec/cmdline.bootc

for config in "boot/config-$release" "lib/modules/$release/config" "usr/lib/modules/$release/config"; do
  if [ -r "$config" ]; then
    printf 'F\tconfig\n'
    sed -n "s/^\\(CONFIG_[A-Z0-9_]*=\\)/$tab\\1/p" "$config"
    break
  fi
done
[ -r proc/config.gz ] && printf 'F\tconfig\n' && gzip -dc <proc/config.gz 2>/dev/null | sed -n "s/^\\(CONFIG_[A-Z0-9_]*=\\)/$tab\\1/p"

for builtin in "lib/modules/$release/modules.builtin.modinfo" "usr/lib/modules/$release/modules.builtin.modinfo"; do
  if [ -r "$builtin" ]; then
    printf 'F\tmodules.builtin.modinfo\n'
    tr '\0' '\n' <"$builtin" | sed -n "s/^\\([^=]*\\.parmtype=\\)/$tab\\1/p"
    break
  fi
done
if [ -d proc/sys ]; then
  printf 'C\tsysctls\n'
  find proc/sys -type f 2>/dev/null | sed "s|^proc/sys/|$tab|"
fi
printf 'C\tparameters\n'
for file in sys/module/*/parameters/*; do [ -e "$file" ] && printf '\t%s\n' "$file"; done

[ "$root" = / ] || exit 0
says machine uname -m
says page getconf PAGESIZE
says systemd systemctl --version
says tuned tuned --version
says libvirt libvirtd --version
says libvirt virtqemud --version
says qemu "qemu-system-$(uname -m)" --version
says qemu qemu-kvm --version
if command -v modinfo >/dev/null 2>&1; then
  for module in kvm kvm_intel kvm_amd vfio vfio_iommu_type1 vfio_pci vhost vhost_net vhost_vsock tun bridge br_netfilter nvme nvme_core \
    sys/bus/pci/devices/*/driver/module; do
    case $module in
      sys/*)
        [ -e "$module" ] || continue
        module=$(readlink "$module")
        module=${module##*/}
        ;;
    esac
    modinfo -F parmtype "$module" 2>/dev/null </dev/null | sed "s/^/M$tab$module$tab/"
  done
fi
exit 0
