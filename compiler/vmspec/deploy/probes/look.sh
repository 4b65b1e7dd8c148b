# Prints what this machine's kernel and systemd say of the settings that are listed, by show.sh; changes and installs nothing.
# `listed` prints the list: "F PATTERN" for files, "L PATH" for links, "E PATH" for what may exist, "A PATH" for files whose age matters,
# "U UNIT" for units of systemd. $1: the directory that is looked at as the root; with another than / no program is asked.
root=${1:-/}
cd "$root" || exit 1
printf 'C\troot\n\t%s\n' "$root"

each() { # what fits the patterns of one kind
  listed | sed -n "s/^$1 //p" | while IFS= read -r pattern; do
    for path in $pattern; do printf '%s\n' "$path"; done
  done
}
each F | show_listed
each L | while IFS= read -r path; do [ -L "$path" ] && printf 'L\t%s\t%s\n' "$path" "$(readlink "$path")"; done
each E | while IFS= read -r path; do exist "$path"; done

printf 'C\tbooted\n'
sed -n "s/^btime /$tab/p" proc/stat 2>/dev/null
printf 'C\tages\n'
each A | while IFS= read -r path; do [ -e "$path" ] && stat -c "$tab%Y %n" "$path"; done

# Interrupts that a device has: number, whether its affinity may be set, the names of its users, where it may and where it does arrive.
printf 'C\tinterrupts\n'
for irq in proc/irq/[0-9]*; do
  users=
  for user in "$irq"/*/; do
    user=${user%/}
    [ -d "$user" ] && users="$users${users:+,}${user##*/}"
  done
  [ -n "$users" ] || continue
  may=$(cat "$irq/smp_affinity_list" 2>/dev/null)
  does=$(cat "$irq/effective_affinity_list" 2>/dev/null)
  case $(ls -ld "$irq/smp_affinity_list" 2>/dev/null) in -r--r--r--*) set=no ;; *) set=yes ;; esac
  printf '\t%s\t%s\t%s\t%s\t%s\n' "${irq##*/}" "$set" "$users" "$may" "${does:-$may}"
done

# Threads of one process, or the kernel's: number, name, policy, priority, CPUs, state of the cpuset partition of its group.
threads() {
  awk '{
    at = $0
    if ((getline text < (at "/stat")) <= 0) next
    close(at "/stat")
    first = index(text, "(")
    name = substr(text, first + 1)
    last = length(text)
    while (last > 0 && substr(text, last, 1) != ")") last--
    name = substr(text, first + 1, last - first - 1)
    if (only != "" && name !~ only) next
    split(substr(text, last + 2), field, " ")
    cpus = ""
    while ((getline line < (at "/status")) > 0) if (line ~ /^Cpus_allowed_list:/) { sub(/^[^:]*:[ \t]*/, "", line); cpus = line }
    close(at "/status")
    group = partition = ""
    while ((getline line < (at "/cgroup")) > 0) if (line ~ /^0::/) group = substr(line, 4)
    close(at "/cgroup")
    if (group != "") { getline partition < ("sys/fs/cgroup" group "/cpuset.cpus.partition"); close("sys/fs/cgroup" group "/cpuset.cpus.partition") }
    number = at
    sub(/.*\//, "", number)
    print "\tthread\t" number "\t" name "\t" field[39] "\t" field[38] "\t" cpus "\t" partition
  }' only="$1" - 2>/dev/null
}
printf 'C\tkernel-threads\n'
printf '%s\n' proc/[0-9]* | threads '^(ksoftirqd|ktimers)/'

# Bytes of memory on each node: of the mappings that are bound to nodes or are huge pages, which are the guest's, and of all.
memory() {
  awk '{
    size = 4
    guest = ($2 ~ /^bind/)
    for (i = 3; i <= NF; i++) {
      if ($i ~ /^kernelpagesize_kB=/) { size = $i; sub(/.*=/, "", size) }
      if ($i == "huge") guest = 1
    }
    for (i = 3; i <= NF; i++) if ($i ~ /^N[0-9]+=/) {
      split(substr($i, 2), part, "=")
      all[part[1]] += part[2] * size
      if (guest) its[part[1]] += part[2] * size
    }
  }
  END {
    for (node in all) print "\tmemory\tall\t" node "\t" all[node]
    for (node in its) print "\tmemory\tguest\t" node "\t" its[node]
  }' "$1" 2>/dev/null
}
for process in proc/[0-9]*; do
  read -r name <"$process/comm" || continue
  case $name in
    qemu-*)
      uuid=$(tr '\0' '\n' <"$process/cmdline" | sed -n '/^-uuid$/{n;p;}')
      [ -n "$uuid" ] || continue
      printf 'C\tguest %s\n' "$uuid"
      printf '%s\n' "$process"/task/* | threads ''
      memory "$process/numa_maps"
      ;;
    ovs-vswitchd)
      printf 'C\tswitch\n'
      printf '%s\n' "$process"/task/* | threads '^pmd'
      ;;
    irqbalance)
      printf 'C\tirqbalance\n'
      tr '\0' '\n' <"$process/environ" | sed "s/^/$tab/"
      ;;
  esac
done 2>/dev/null

if [ "$root" = / ]; then
  printf 'C\tkernel-log\n'
  { dmesg || journalctl --dmesg --boot --output=cat; } 2>/dev/null | sed -n "s/^.*\(Offload RCU callbacks\)/$tab\1/p"
  units=$(each U)
  # shellcheck disable=SC2086 # a name of a unit has no blank
  [ -z "$units" ] || says units systemctl show --property=Id,ActiveState,Slice $units
fi
printf 'C\tend\n\tend\n'
