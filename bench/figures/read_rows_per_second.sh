# Reading alone: every check of a million rows, duplicate keys among them, and none of them kept.
rows=${BENCH_BULK_ROWS:-1000000}
csv=$work/accounts.csv

"$LUA" bench/rows.lua "$rows" > "$csv"
heading "Reading and checking $rows rows of CSV ($(($(wc -c < "$csv") / 1048576)) MiB)"
for _ in 1 2 3; do
  timed read "$rows rows" "$LUA" bench/read_rows.lua "$csv"
done
row "seconds, $LUA" "$(median "$work/timed.read" 2)" "s"
figure read_rows_per_second "$(ratio "$rows" "$(median "$work/timed.read" 2)")" least 500000
figure read_rss_mb "$(mebibytes read)" most 40
rm "$csv"
