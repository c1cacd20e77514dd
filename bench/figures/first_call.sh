# From the start of a process to the first account printed: a script of five lines over the curl command.
# Cold each time, alternating, the median of the rounds.
rounds=${BENCH_FIRST_ROUNDS:-21}

i=0
while [ $i -lt "$rounds" ]; do
  "$measure" "$work/timed.first_curl" curl -q -s --cacert "$CA_FILE" -H "Accept: application/json" \
    -H "DD-API-KEY: $DD_API_KEY" -H "DD-APPLICATION-KEY: $DD_APP_KEY" "$LIST_URL" > "$work/first_curl"
  "$measure" "$work/timed.first_ddokta" "$LUA" examples/list_accounts.lua > "$work/first_ddokta"
  i=$((i + 1))
done
for client in curl ddokta; do
  grep -q Bench "$work/first_$client" || { echo "bench: $client printed no account" >&2; exit 1; }
done

ours=$(milliseconds_to_output first_ddokta)
theirs=$(milliseconds_to_output first_curl)
heading "From process start to the first account printed (median of $rounds rounds)"
row "curl" "$theirs" "ms"
row "ddokta, $LUA" "$ours" "ms"
row "curl, peak memory" "$(mebibytes first_curl)" "MiB"
row "ddokta, $LUA, peak memory" "$(mebibytes first_ddokta)" "MiB"
figure first_call_vs_curl "$(ratio "$ours" "$theirs")" most 1.5
figure first_call_rss_vs_curl "$(ratio "$(mebibytes first_ddokta)" "$(mebibytes first_curl)")" most 1.5
