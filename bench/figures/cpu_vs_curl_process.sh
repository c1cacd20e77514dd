# CPU time of a call: the curl command, started once for each, over ddokta's of many in one process.
# Alternating, the median of the rounds.
calls=${BENCH_CALLS:-20000}
curl_calls=${BENCH_CURL_CALLS:-100}
rounds=${BENCH_PEER_ROUNDS:-5}
at_once=50

cat > "$work/curl_calls.sh" <<'CURL'
i=0
while [ $i -lt "$1" ]; do
  curl -q -s --cacert "$DDOKTA_CA_FILE" -H "Accept: application/json" -H "DD-API-KEY: $DD_API_KEY" \
    -H "DD-APPLICATION-KEY: $DD_APP_KEY" "$2" > /dev/null || exit
  i=$((i + 1))
done
echo "$i calls"
CURL

i=0
while [ $i -lt "$rounds" ]; do
  timed curl_process "$curl_calls calls" sh "$work/curl_calls.sh" "$curl_calls" "$LIST_URL"
  timed "$LUA.beside_curl" "$calls accounts" "$LUA" bench/list_calls.lua "$calls" $at_once
  i=$((i + 1))
done
theirs=$(microseconds_per_call curl_process "$curl_calls")
ours=$(microseconds_per_call "$LUA.beside_curl" "$calls")
heading "CPU per call (median of $rounds rounds)"
row "the curl command, $curl_calls times" "$theirs" "us"
row "ddokta, $LUA, $calls calls" "$ours" "us"
figure cpu_vs_curl_process "$(ratio "$theirs" "$ours")" least 10
