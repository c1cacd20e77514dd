# Reading, checking and planning a million rows against a service that has a hundred thousand.
rows=${BENCH_BULK_ROWS:-1000000}
accounts=$((rows / 10))
csv=$work/accounts.csv

"$LUA" bench/rows.lua "$rows" > "$csv"
heading "Planning $rows rows of CSV against $accounts accounts"
timed plan "$((rows - accounts)) to create, $((accounts / 2)) to update, $((accounts / 2)) unchanged" \
  "$LUA" bench/plan_rows.lua "$csv" "$accounts"
row "seconds, $LUA" "$(median "$work/timed.plan" 2)" "s"
figure plan_rss_mb "$(mebibytes plan)" most 400
rm "$csv"
