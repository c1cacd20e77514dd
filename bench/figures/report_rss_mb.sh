# The command's memory for a million rows: the plan as JSON, as lines of it and as a report; and for an import
# of fewer, with its report as JSON and as a page.
rows=${BENCH_REPORT_ROWS:-1000000}
applied=${BENCH_REPORT_APPLIED:-100000}
csv=$work/reported.csv
ddokta=$PWD/$B/$LUA/bin/ddokta

# command NAME ARGUMENT...: measured; what it writes is thrown away
command_of() {
  name=$1
  shift
  "$measure" "$work/timed.$name" env XDG_STATE_HOME="$work/state" "$ddokta" "$@" > "$work/out" 2> "$work/err" || {
    cat "$work/err" >&2
    exit 1
  }
}

"$LUA" bench/rows.lua "$rows" > "$csv"
heading "Plans and reports of $rows rows, and an import of $applied"
command_of plan_json --json accounts import "$csv" --dry-run
command_of plan_jsonl --jsonl accounts import "$csv" --dry-run
for ending in json csv html; do
  command_of "plan_$ending" accounts plan "$csv" --report "$work/report.$ending"
  rm "$work/report.$ending"
done
for name in plan_json plan_jsonl plan_csv plan_html; do
  row "$name" "$(mebibytes $name)" "MiB"
done
figure report_rss_mb "$(mebibytes plan_json)" most 150
figure report_jsonl_rss_mb "$(mebibytes plan_jsonl)" most 150
"$LUA" bench/rows.lua "$applied" > "$csv"
command_of import_json --json accounts import "$csv" --yes --report "$work/report.html"
row "import of $applied, JSON and page" "$(mebibytes import_json)" "MiB"
rm "$csv" "$work/out"
