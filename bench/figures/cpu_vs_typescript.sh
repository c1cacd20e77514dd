# CPU time of the same calls: Datadog's own client for TypeScript (bench/typescript.js) over ddokta. Whole
# processes, alternating, the median of the rounds. `make bench-peers` brings the client.
calls=${BENCH_CALLS:-20000}
rounds=${BENCH_PEER_ROUNDS:-5}
at_once=50
modules=$PWD/$B/peers/node_modules

if [ -d "$modules/@datadog/datadog-api-client" ] && command -v node > /dev/null; then
  i=0
  while [ $i -lt "$rounds" ]; do
    timed typescript "$calls accounts" env NODE_PATH="$modules" NODE_EXTRA_CA_CERTS="$CA_FILE" \
      node bench/typescript.js "$calls" $at_once
    # the seconds that the program counted for its calls alone
    echo "${output##* }" >> "$work/typescript.calls"
    timed "$LUA.beside_typescript" "$calls accounts" "$LUA" bench/list_calls.lua "$calls" $at_once
    i=$((i + 1))
  done
  theirs=$(microseconds_per_call typescript "$calls")
  ours=$(microseconds_per_call "$LUA.beside_typescript" "$calls")
  heading "CPU per call, $calls list calls, $at_once in flight (median of $rounds rounds)"
  row "datadog-api-client, node $(node --version)" "$theirs" "us"
  row "  without node's start" \
    "$(ratio "$(product "$(median "$work/typescript.calls" 1)" 1000000)" "$calls")" "us"
  row "ddokta, $LUA" "$ours" "us"
  figure cpu_vs_typescript "$(ratio "$theirs" "$ours")" least 10
else
  heading "cpu_vs_typescript: not measured; make bench-peers does"
fi
