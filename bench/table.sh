# What figures are made of: medians, rows of the printed table, and lines of bench.json.
# Sourced by bench/run.

# column $2 of the lines that measure wrote to file $1: its median
median() {
  awk -v column="$2" '{ print $column }' "$1" | sort -n |
    awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
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

# figure KEY VALUE [MOST]: a line of bench.json, and whether it reaches its target
figure() {
  printf '%s %s\n' "$1" "$2" >> "$figures"
  awk -v key="$1" -v value="$2" -v most="${3:-}" 'BEGIN {
    verdict = most == "" ? "" : value <= most ? "reached: at most " most : "MISSED: at most " most
    printf "  %-34s %10.3f %s\n", key, value, verdict }'
}

# the figures so far as one flat object, to file $1
write_json() {
  awk 'BEGIN { printf "{" }
    { printf "%s\n  \"%s\": %s", (NR > 1 ? "," : ""), $1, $2 }
    END { print "\n}" }' "$figures" > "$1"
}
