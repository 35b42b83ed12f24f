# Times one shell command, to a millisecond. bash has `time` on Linux and macOS alike; Node reads the request.
set -eu
run=$1 node=$2 workspace=$3

read_setting='JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")).configuration.command'
command=$("$node" -p "$read_setting" "$run/request.json")

# The output of the command goes to the log of the measurement. Where the command fails, so does the measurement.
cd "$workspace"
exec 3>&1
TIMEFORMAT='%R %U'
{ time sh -c "$command" >&3 2>&3; } 2>"$run/times"
read -r wall_s user_s <"$run/times"

# The name of a value ends with its unit. A result is complete when it has its name.
printf '{"protocol":1,"kind":"values","payload":{"wall_s":%s,"user_s":%s}}\n' \
  "$wall_s" "$user_s" >"$run/result.json.tmp"
mv "$run/result.json.tmp" "$run/result.json"
