# From the start of a process to the first account printed: a script of five lines over the curl command.
# Cold each time, alternating, the median of the rounds.
rounds=${BENCH_FIRST_ROUNDS:-21}

i=0
while [ $i -lt "$rounds" ]; do
  "$measure" "$work/first.curl" curl -q -s --cacert "$CA_FILE" -H "Accept: application/json" \
    -H "DD-API-KEY: $DD_API_KEY" -H "DD-APPLICATION-KEY: $DD_APP_KEY" "$LIST_URL" > "$work/curl.out"
  "$measure" "$work/first.ddokta" "$LUA" examples/list_accounts.lua > "$work/ddokta.out"
  i=$((i + 1))
done
for client in curl ddokta; do
  grep -q Bench "$work/$client.out" || { echo "bench: $client printed no account" >&2; exit 1; }
done

milliseconds() {
  awk -v seconds="$(median "$work/first.$1" 1)" 'BEGIN { print seconds * 1e3 }'
}
mebibytes() {
  awk -v kib="$(median "$work/first.$1" 4)" 'BEGIN { print kib / 1024 }'
}

heading "From process start to the first account printed (median of $rounds rounds)"
row "curl" "$(milliseconds curl)" "ms"
row "ddokta, $LUA" "$(milliseconds ddokta)" "ms"
row "curl, peak memory" "$(mebibytes curl)" "MiB"
row "ddokta, $LUA, peak memory" "$(mebibytes ddokta)" "MiB"
figure first_call_vs_curl "$(ratio "$(milliseconds ddokta)" "$(milliseconds curl)")" 1.5
figure first_call_rss_vs_curl "$(ratio "$(mebibytes ddokta)" "$(mebibytes curl)")" 1.5
