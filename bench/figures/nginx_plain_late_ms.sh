# How late a plain location answers at most in nginx, one worker, while 200 requests of that worker each
# wait for a call of 300 ms.
rounds=${BENCH_LOOP_ROUNDS:-3}

if has_luajit; then
  use_lua luajit
  i=0
  while [ $i -lt "$rounds" ]; do
    luajit bench/nginx_plain.lua >> "$work/nginx_plain"
    i=$((i + 1))
  done
  heading "nginx, 200 calls of 300 ms at once in one worker (median of $rounds rounds)"
  row "all 200 calls" "$(product "$(value_of nginx_calls_seconds "$work/nginx_plain")" 1000)" "ms"
  figure nginx_plain_late_ms "$(value_of nginx_plain_late_ms "$work/nginx_plain")" most 25
else
  heading "nginx_plain_late_ms: not measured; it needs make LUA=luajit"
fi
