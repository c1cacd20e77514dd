# CPU time of an import, read, checked, planned and applied, over that of the same creates made one by one
# by the client in ddokta.parallel (which read the same file). Whole processes, alternating, the median of
# the rounds.
creates=${BENCH_CREATES:-10000}
rounds=${BENCH_ROUNDS:-7}
at_once=32
csv=$work/creates.csv

"$LUA" bench/rows.lua "$creates" > "$csv"
i=0
while [ $i -lt "$rounds" ]; do
  timed creates.call "$creates created" "$LUA" bench/apply_rows.lua calls "$csv" $at_once
  timed creates.plan "$creates to create" "$LUA" bench/apply_rows.lua plan "$csv" $at_once
  timed creates.apply "$creates created" "$LUA" bench/apply_rows.lua apply "$csv" $at_once
  i=$((i + 1))
done
rm "$csv"

call=$(microseconds_per_call creates.call "$creates")
apply=$(microseconds_per_call creates.apply "$creates")
heading "CPU per row, $creates creates, $at_once in flight (median of $rounds rounds)"
row "the client's create, $LUA" "$call" "us"
row "of apply: reading and planning" "$(microseconds_per_call creates.plan "$creates")" "us"
row "bulk.apply, $LUA" "$apply" "us"
figure apply_cpu_vs_call "$(ratio "$apply" "$call")" most 1.5
