# What figures are made of: timed commands, medians, rows of the printed table, lines of bench.json.
# Sourced by bench/run.

# timed NAME EXPECTED COMMAND...: runs a command, whose output must begin so, and adds what it took to the
# measurements of that name
timed() {
  timed_name=$1 timed_expected=$2
  shift 2
  output=$("$measure" "$work/timed.$timed_name" "$@")
  case $output in
  "$timed_expected"*) ;;
  *)
    echo "bench: $timed_name answered \"$output\", not \"$timed_expected\"" >&2
    exit 1
    ;;
  esac
}

# a column of the lines in file $1: its median
median() {
  awk -v column="$2" '{ print $column }' "$1" | sort -n |
    awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# value_of KEY FILE: the median of what follows the key in the file's lines of keys and values
value_of() {
  awk -v key="$1" '{ for (i = 1; i < NF; i += 2) if ($i == key) print $(i + 1) }' "$2" > "$work/values"
  median "$work/values" 1
}

# the medians of what was timed under the name $1
milliseconds_to_output() {
  product "$(median "$work/timed.$1" 1)" 1000
}
mebibytes() {
  ratio "$(median "$work/timed.$1" 4)" 1024
}
# $2: how many calls it made
microseconds_per_call() {
  awk -v seconds="$(median "$work/timed.$1" 3)" -v calls="$2" 'BEGIN { print seconds / calls * 1e6 }'
}

product() {
  awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", a * b }'
}
ratio() {
  awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", a / b }'
}

# a heading of the printed table
heading() {
  printf '\n%s\n' "$1"
}

# row NAME VALUE UNIT: a value with three figures behind the point
row() {
  awk -v name="$1" -v value="$2" -v unit="$3" 'BEGIN { printf "  %-34s %10.3f %s\n", name, value, unit }'
}

# figure KEY VALUE [most|least TARGET]: a line of bench.json, and whether it reaches its target
figure() {
  printf '%s %s\n' "$1" "$2" >> "$figures"
  awk -v key="$1" -v value="$2" -v side="${3:-}" -v target="${4:-}" 'BEGIN {
    reached = side == "most" ? value + 0 <= target + 0 : value + 0 >= target + 0
    verdict = side == "" ? "" : (reached ? "reached" : "MISSED") ": at " side " " target
    printf "  %-34s %10.3f %s\n", key, value, verdict }'
}

# the figures so far as one flat object, to file $1
write_json() {
  awk 'BEGIN { printf "{" }
    { printf "%s\n  \"%s\": %s", (NR > 1 ? "," : ""), $1, $2 }
    END { print "\n}" }' "$figures" > "$1"
}
