#!/bin/sh
# Runs once the rehearsed system is up: prints what the kernel says of itself on the second serial port, and turns the machine off.
# The lines are those of gather.sh: "F<TAB>PATH" and "C<TAB>NAME", each before lines that begin with a tab.
exec >/dev/ttyS1 2>/dev/null
stty -opost </dev/ttyS1
tab=$(printf '\t')
cd /
while read -r module; do modprobe "$module"; done </vmspec/modules
systemctl start user.slice
while IFS= read -r pattern; do
  for path in $pattern; do printf '%s\n' "$path"; done
done </vmspec/paths | awk '{
  seen = 0
  while ((getline line < $0) > 0) {
    if (!seen) print "F\t" $0
    seen = 1
    print "\t" line
  }
  close($0)
}'
printf 'C\tdmesg\n'
dmesg | sed "s/^/$tab/"
printf 'C\tfailed\n'
systemctl --failed --plain --no-legend | sed "s/^/$tab/"
printf 'C\tend\n\tend\n'
sync
systemctl --force --force poweroff
