# How much of a rate limit an import uses, and whether it ever exceeds it. Fewer rows than a real import
# has: BENCH_BULK_LIMITED_ROWS=10000 takes 50 seconds.
creates=${BENCH_BULK_LIMITED_ROWS:-4000}
at_once=32
limit=200

"$LUA" bench/apply_sandbox.lua limited "$creates" $at_once $limit > "$work/bulk_limited"
read -r took least _ refused < "$work/bulk_limited"
heading "Import of $creates rows, $limit per second, from the beginning of a second of the clock"
row "at least needed" "$least" "s"
row "bulk.apply, $LUA" "$took" "s"
figure bulk_limited_rate "$(ratio "$least" "$took")" least 0.95
figure bulk_limited_429 "$refused" most 0
