# How the scripts that look at a machine print what they find, for vmspec to parse. POSIX sh; put before a script that says `root`.
# A line is "F<TAB>PATH" before the lines of a file, each of which begins with a tab; "L<TAB>PATH<TAB>TARGET" for a link; "E<TAB>PATH" for
# what exists; "C<TAB>NAME" before the lines that a program printed; "M<TAB>MODULE<TAB>NAME:TYPE" for a parameter.
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/sbin:/sbin:/usr/libexec
tab=$(printf '\t')

show_listed() { # one process, for a large host has 10,000 files; whole buffers, for some files of sysfs end after one byte when read by bytes
  awk '{
    seen = 0
    while ((getline line < $0) > 0) {
      if (!seen) print "F\t" $0
      seen = 1
      print "\t" line
    }
    close($0)
  }' 2>/dev/null
}
show() { printf '%s\n' "$@" | show_listed; }
exist() { for path in "$@"; do [ -e "$path" ] && printf 'E\t%s\n' "$path"; done; }
links() { ls -ld "$@" 2>/dev/null | sed -n "s|^.*[0-9] \\([a-z].*\\) -> \\(.*\\)\$|L$tab\\1$tab\\2|p"; }
says() { # says NAME COMMAND…
  name=$1
  shift
  command -v "$1" >/dev/null 2>&1 || return 0
  printf 'C\t%s\n' "$name"
  "$@" 2>/dev/null </dev/null | sed "s/^/$tab/"
}
