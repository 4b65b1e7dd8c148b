"""Cpuset partitions: each vCPU that is pinned to one CPU of the pool takes it out of the scheduler while its guest runs.

libvirt's vCPU groups themselves become remote partitions, below machine.slice and the guest's scope, which only hand the CPUs on
(Linux Documentation/admin-guide/cgroup-v2.rst, cpuset.cpus.exclusive, since 6.7; tried with libvirt's layout of groups on 6.12). A hook of
libvirt calls for it when a guest has started, and when one has gone; a hook must not call libvirt, so all is read from the groups
(docs/hooks.rst of libvirt 9.0.0).
"""

from __future__ import annotations

from vmspec.emit.host.file import OURS, ROOT, FileEntry, HostFile, lines
from vmspec.emit.host.systemd import service
from vmspec.lower.fleet import HostObject
from vmspec.lower.hostpool import pool

SCRIPT = "etc/vmspec/partition"
HOOK = "etc/libvirt/hooks/qemu.d/50-vmspec"
PATHS = (("isolation",), ("tickless",))

BODY = r"""# Makes the partitions what the running guests need: of each vCPU that is pinned to one CPU of the pool.
slice=/sys/fs/cgroup/machine.slice
[ -d "$slice" ] || exit 0
exec 9>/run/vmspec-partition.lock
flock 9
if [ ! -e "$slice/cpuset.cpus.exclusive" ]; then
  echo "vmspec: this kernel has no cpuset.cpus.exclusive (Linux 6.7), or machine.slice no cpuset controller" >&2
  exit 1
fi

# The CPU of a vCPU's group, where it is one of the pool.
own() {
  read -r pin < "$1/cpuset.cpus" || pin=
  case " $pool " in *" $pin "*) echo "$pin" ;; esac
}
give() { [ "$(cat "$2")" = "$1" ] || echo "$1" > "$2"; }

failed=0
all=
for guest in "$slice"/machine-qemu*.scope; do
  for group in "$guest"/libvirt/vcpu*; do
    [ -d "$group" ] && cpu=$(own "$group") && [ -n "$cpu" ] && all="$all,$cpu"
  done
done
# CPUs of guests that have gone go back first with the last line; what is new is handed down from the top.
echo "${all#,}" > "$slice/cpuset.cpus.exclusive" || failed=1
for guest in "$slice"/machine-qemu*.scope; do
  [ -d "$guest/libvirt" ] || continue
  cpus=
  for group in "$guest"/libvirt/vcpu*; do
    [ -d "$group" ] && cpu=$(own "$group") && [ -n "$cpu" ] && cpus="$cpus,$cpu"
  done
  [ -n "$cpus" ] || continue
  echo "${cpus#,}" > "$guest/cpuset.cpus.exclusive" || failed=1
  echo "${cpus#,}" > "$guest/libvirt/cpuset.cpus.exclusive" || failed=1
  for group in "$guest"/libvirt/vcpu*; do
    cpu=$(own "$group")
    [ -n "$cpu" ] || continue
    read -r state < "$group/cpuset.cpus.partition" || state=
    if [ "$state" != isolated ]; then
      # After a CPU was offline, or the vCPU was pinned anew, the partition is invalid until it is made again.
      [ "$state" = member ] || echo member > "$group/cpuset.cpus.partition"
      give "$cpu" "$group/cpuset.cpus.exclusive"
      echo isolated > "$group/cpuset.cpus.partition"
      read -r state < "$group/cpuset.cpus.partition" || state=
    fi
    # The write succeeds where the kernel does not do it: only what it says then counts.
    if [ "$state" != isolated ]; then
      echo "vmspec: $group: $state" >&2
      failed=1
    fi
  done
done
exit $failed"""


def script(host: HostObject) -> HostFile | None:
    cpus = pool(host.spec)
    if not cpus:
        return None
    text = lines("#!/bin/sh", f"# {OURS}", f'pool="{" ".join(map(str, cpus))}"', BODY)
    return HostFile(
        f"{ROOT}{SCRIPT}", text, (FileEntry("pool", PATHS, str(cpus)),), "CPUs of running guests in partitions", (f"chmod 755 /{SCRIPT}",)
    )


def hook(host: HostObject) -> HostFile | None:
    """A guest whose CPUs are not its own is not left running: libvirt stops it where `started` fails."""
    if not pool(host.spec):
        return None
    text = lines(
        "#!/bin/sh",
        f"# {OURS}",
        "cat > /dev/null",
        f'case "$2" in started|reconnect|release) exec /{SCRIPT} ;; esac',
    )
    # libvirt looks for hooks when its daemon starts.
    after = (f"chmod 755 /{HOOK}", "systemctl try-restart virtqemud.service libvirtd.service")
    return HostFile(f"{ROOT}{HOOK}", text, (FileEntry("hook", PATHS),), "hook of libvirt", after, after[1:])


def unit(host: HostObject) -> HostFile | None:
    """For guests that ran before the hook was there."""
    if not pool(host.spec):
        return None
    return service(
        "vmspec-partition.service",
        "CPUs of running guests in partitions",
        [f"ExecStart=/{SCRIPT}"],
        (FileEntry("partition", PATHS),),
        "partitions of guests that run already",
    )
