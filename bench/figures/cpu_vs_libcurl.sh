# CPU time of the same calls: ddokta, which decodes them to tables, over a bare program on libcurl, which
# decodes nothing. Whole processes, alternating, the median of the rounds.
calls=${BENCH_CALLS:-20000}
rounds=${BENCH_ROUNDS:-11}
at_once=50

program=$(tool libcurl)
jit=
[ "$LUA" != luajit ] && has_luajit && jit=luajit

i=0
while [ $i -lt "$rounds" ]; do
  timed libcurl "$calls calls" "$program" "$LIST_URL" "$calls" $at_once
  for lua in "$LUA" $jit; do
    use_lua "$lua"
    timed "$lua.beside_libcurl" "$calls accounts" "$lua" bench/list_calls.lua "$calls" $at_once
  done
  i=$((i + 1))
done

bare=$(microseconds_per_call libcurl "$calls")
heading "CPU per call, $calls list calls, $at_once in flight (median of $rounds rounds)"
row "libcurl in C, nothing decoded" "$bare" "us"
for lua in "$LUA" $jit; do
  row "ddokta, $lua" "$(microseconds_per_call "$lua.beside_libcurl" "$calls")" "us"
done
figure cpu_vs_libcurl "$(ratio "$(microseconds_per_call "$LUA.beside_libcurl" "$calls")" "$bare")" most 1.25
