# CPU time of the same calls: ddokta, which decodes them to tables, over a bare program on libcurl, which
# decodes nothing. Whole processes, alternating, the median of the rounds.
calls=${BENCH_CALLS:-20000}
rounds=${BENCH_ROUNDS:-11}
at_once=50

program=$(tool libcurl)
jit=
[ "$LUA" != luajit ] && [ -e "$B/luajit/ddokta/core.so" ] && command -v luajit > /dev/null && jit=luajit

# CLIENT, EXPECTED OUTPUT, COMMAND...
round() {
  round_client=$1 round_expected=$2
  shift 2
  output=$("$measure" "$work/cpu.$round_client" "$@")
  case $output in
  "$round_expected"*) ;;
  *)
    echo "bench: $round_client answered \"$output\", not \"$round_expected\"" >&2
    exit 1
    ;;
  esac
}

i=0
while [ $i -lt "$rounds" ]; do
  round libcurl "$calls calls" "$program" "$LIST_URL" "$calls" $at_once
  for lua in "$LUA" $jit; do
    use_lua "$lua"
    round "$lua" "$calls accounts" "$lua" bench/list_calls.lua "$calls" $at_once
  done
  i=$((i + 1))
done

per_call() {
  awk -v seconds="$(median "$work/cpu.$1" 3)" -v calls="$calls" 'BEGIN { print seconds / calls * 1e6 }'
}

bare=$(per_call libcurl)
heading "CPU per call, $calls list calls, $at_once in flight (median of $rounds rounds)"
row "libcurl in C, nothing decoded" "$bare" "us"
for lua in "$LUA" $jit; do
  row "ddokta, $lua" "$(per_call "$lua")" "us"
done
figure cpu_vs_libcurl "$(ratio "$(per_call "$LUA")" "$bare")" 1.5
[ -z "$jit" ] || figure cpu_vs_libcurl_luajit "$(ratio "$(per_call luajit)" "$bare")"
