/**
 * The guard, for any POSIX sh. Descriptor 3 is a socket to the supervisor, 4 (if any) the device lock, merely kept.
 * The starter exits at once, so that the guard is no child of the supervisor. It sends SIGTERM, after about 1.5 s SIGKILL
 * until all processes are gone, and then removes the temporary files.
 */
export const GUARD_SCRIPT = `
trap '' INT TERM HUP QUIT PIPE

# Living processes of the group, and on Linux, marked with +, those of its session or with the token.
living() {
  if [ -r /proc/self/stat ]; then
    for file in /proc/[0-9]*/stat; do
      { read -r line < "$file"; } 2>/dev/null || continue
      pid=\${line%% *}
      [ "$pid" -gt 1 ] || continue
      set -- \${line##*) }
      case $1 in Z | X) continue ;; esac
      if [ "$3" = "$group" ]; then
        echo "$pid"
      elif [ "$4" = "$group" ] || is_carrier "$pid"; then
        echo "+$pid"
      fi
    done
  elif table=$(ps -A -o pid= -o pgid= -o stat=) && [ -n "$table" ]; then
    echo "$table" | while read -r pid its state; do
      case $state in Z*) continue ;; esac
      [ "$its" = "$group" ] && echo "$pid"
    done
  elif [ "$group" != none ] && kill -0 "-$group"; then
    echo "$group"
  fi
}

is_carrier() {
  case $carriers in *"/$1/"*) return 0 ;; esac
  return 1
}

find_living() {
  carriers=$(grep -l -s -z -x -F -e "NX_STUDY_RUN=$token" /proc/[0-9]*/environ 2>/dev/null)
  pids=$(living)
}

# Each gets it once: a second TERM could interrupt the saving that the first one asked for.
signal_all() {
  [ "$group" = none ] || kill "-$1" "-$group"
  for stray in $pids; do
    case $stray in +*) kill "-$1" "\${stray#+}" ;; esac
  done
}

end_tree() {
  find_living
  [ -n "$pids" ] || return
  signal_all TERM
  looks=0
  while [ "$looks" -lt 12 ]; do
    sleep 0.1
    find_living
    [ -n "$pids" ] || return
    looks=$((looks + 1))
  done
  pause=0.05
  while [ -n "$pids" ]; do
    signal_all KILL
    sleep "$pause"
    looks=$((looks + 1))
    [ "$looks" -lt 60 ] || pause=2
    find_living
  done
}

# Group 0 and session 0 are the machine's own processes: an unannounced group is no number at all.
guard() {
  group=none token=
  while read -r word first second; do
    group=none token=
    case $word in run) token=$second ;; *) continue ;; esac
    case $first in 0* | 1 | *[!0-9]*) ;; ?*) group=$first ;; esac
  done
  if [ -n "$token" ]; then
    end_tree
    rm -rf "$TMPDIR/nx-study-$token"
  fi
  exit 0
}

guard <&3 2>/dev/null &
echo "$!" >&3
`;
