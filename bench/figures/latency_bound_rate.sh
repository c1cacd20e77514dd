# How near to the ideal rate calls go where the service takes its time to answer.
calls=${BENCH_CREATE_CALLS:-2000}
at_once=50
seconds=0.05
rounds=${BENCH_CREATE_ROUNDS:-3}

i=0
while [ $i -lt "$rounds" ]; do
  "$LUA" bench/creates.lua "$calls" $at_once $seconds >> "$work/creates"
  i=$((i + 1))
done
took=$(median "$work/creates" 1)
ideal=$(ratio $at_once $seconds)
heading "$calls creates, $at_once in flight, each answered after $seconds s (median of $rounds rounds)"
row "ideal rate" "$ideal" "calls/s"
row "ddokta, $LUA" "$(ratio "$calls" "$took")" "calls/s"
figure latency_bound_rate "$(ratio "$(ratio "$calls" "$took")" "$ideal")" least 0.9
