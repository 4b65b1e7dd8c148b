#!/bin/busybox sh
# The whole userland of a test kernel: loads modules, applies host files, prints the report on the first serial port, powers off.
# A report line is "@kind<TAB>key<TAB>value"; tests/real/report.py reads it. Loops are the shell's own: under emulation a fork is dear.
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
exec </dev/null >/dev/ttyS0 2>&1
stty -opost </dev/ttyS0 2>/dev/null
echo 1 >/proc/sys/kernel/printk
tab="	"

say() { echo "@$1$tab$2$tab$3"; }
# Every file in one process, each below a line "==> PATH <==". The shell's own `read` takes a byte at a time, which /proc/sys ends after one.
show() {
  say begin files 1
  head -v -n 1000 "$@" 2>/dev/null
  echo
  say end files 1
}
links() { for l in "$@"; do [ -L "$l" ] && say link "$l" "$(readlink "$l")"; done; }
names() { for n in "$1"/*; do [ -e "$n" ] && say entry "$1" "${n##*/}"; done; }

while read -r module; do
  modprobe "$module" 2>/tmp/why || say failed "modprobe $module" "$(cat /tmp/why)"
done </etc/load

# A disk or a network card may need a moment after its driver has loaded.
[ -e /etc/settle ] && sleep "$(cat /etc/settle)"
[ -e /apply.sh ] && . /apply.sh

say begin report 1
show /proc/cmdline /proc/meminfo /sys/devices/system/cpu/online /sys/devices/system/cpu/present /sys/devices/system/cpu/possible \
  /sys/devices/system/cpu/isolated /sys/devices/system/cpu/nohz_full /sys/devices/system/node/online \
  /sys/devices/system/node/node*/cpulist /sys/devices/system/node/node*/meminfo /sys/devices/system/node/node*/distance \
  /sys/devices/system/node/node*/hugepages/*/nr_hugepages /sys/kernel/mm/hugepages/*/nr_hugepages \
  /sys/devices/system/cpu/cpu*/topology/thread_siblings_list /sys/devices/system/cpu/cpu*/topology/physical_package_id \
  /sys/devices/system/cpu/cpu*/topology/core_id /sys/devices/system/cpu/smt/active /sys/devices/system/cpu/vulnerabilities/* \
  /sys/kernel/mm/transparent_hugepage/enabled /sys/kernel/mm/transparent_hugepage/defrag /sys/kernel/mm/ksm/run \
  /proc/irq/default_smp_affinity /sys/devices/virtual/workqueue/cpumask /sys/bus/workqueue/devices/writeback/cpumask \
  /sys/devices/system/clocksource/clocksource0/current_clocksource /sys/devices/system/clocksource/clocksource0/available_clocksource \
  /sys/block/*/size /sys/block/*/serial /sys/block/*/ro /sys/block/*/queue/logical_block_size /sys/block/*/queue/write_cache \
  /sys/class/net/*/address /sys/class/net/*/mtu /sys/class/watchdog/*/identity /sys/class/tpm/*/tpm_version_major \
  /sys/bus/pci/devices/*/vendor /sys/bus/pci/devices/*/device /sys/bus/pci/devices/*/class /sys/bus/pci/devices/*/driver_override \
  /sys/class/dmi/id/product_uuid /sys/class/dmi/id/sys_vendor /sys/class/dmi/id/product_name /sys/class/virtio-ports/*/name \
  /sys/class/misc/hw_random/rng_current /proc/sys/kernel/sched_rt_runtime_us /proc/sys/kernel/numa_balancing /proc/sys/kernel/nmi_watchdog \
  /proc/sys/kernel/timer_migration /proc/sys/vm/swappiness /proc/sys/vm/stat_interval /proc/sys/vm/nr_hugepages \
  /proc/sys/fs/aio-max-nr /proc/sys/vm/unprivileged_userfaultfd /proc/sys/vm/zone_reclaim_mode
[ -e /etc/report ] && show $(cat /etc/report)
for disk in /sys/block/*; do
  [ -r "$disk/device/vpd_pg80" ] && say serial "$disk" "$(tail -c +5 "$disk/device/vpd_pg80" | tr -cd '[:print:]')"
done
show /sys/firmware/memmap/*/*
links /sys/bus/pci/devices/*/driver /sys/class/net/*/device /sys/class/net/*/device/driver /sys/bus/pci/devices/*/iommu_group
show /sys/module/kvm*/parameters/* /sys/module/vfio*/parameters/* /sys/module/vhost*/parameters/*
names /sys/class/net; names /sys/block; names /sys/kernel/iommu_groups; names /sys/class/vsock 2>/dev/null
while read -r module _; do say entry modules "$module"; done </proc/modules
while IFS=: read -r key value; do
  case "$key" in flags*|"model name"*) say cpu "${key%%$tab*}" "$value" ;; "") break ;; esac
done </proc/cpuinfo
dmesg | while IFS= read -r line; do say dmesg "" "$line"; done
say end report 1
sync
poweroff -f
