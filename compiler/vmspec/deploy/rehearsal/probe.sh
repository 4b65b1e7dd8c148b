#!/bin/sh
# Runs once the rehearsed system is up: prints what the kernel says of itself on the second serial port, and turns the machine off.
# /vmspec/look prints the settings, its lines are those of show.sh.
exec >/dev/ttyS1 2>/dev/null
stty -opost </dev/ttyS1
tab=$(printf '\t')
cd /
while read -r module; do modprobe "$module"; done </vmspec/modules
systemctl start user.slice
sh /vmspec/look / | sed '/^C\tend$/,$d'
printf 'C\tdmesg\n'
dmesg | sed "s/^/$tab/"
printf 'C\tfailed\n'
systemctl --failed --plain --no-legend | sed "s/^/$tab/"
printf 'C\tend\n\tend\n'
sync
systemctl --force --force poweroff
