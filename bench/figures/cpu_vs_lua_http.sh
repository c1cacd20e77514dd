# CPU time of the same calls on LuaJIT: lua-http with lua-cjson (bench/lua_http.lua) over ddokta. Whole
# processes, alternating, the median of the rounds.
calls=${BENCH_CALLS:-20000}
rounds=${BENCH_PEER_ROUNDS:-5}
at_once=50

if has_luajit && luajit -e 'require "http.client" require "cjson"' 2> /dev/null; then
  i=0
  use_lua luajit
  while [ $i -lt "$rounds" ]; do
    timed lua_http "$calls accounts" timeout 120 luajit bench/lua_http.lua "$calls" $at_once
    timed luajit.beside_lua_http "$calls accounts" luajit bench/list_calls.lua "$calls" $at_once
    i=$((i + 1))
  done
  theirs=$(microseconds_per_call lua_http "$calls")
  ours=$(microseconds_per_call luajit.beside_lua_http "$calls")
  heading "CPU per call, $calls list calls, $at_once in flight (median of $rounds rounds)"
  row "lua-http and lua-cjson, luajit" "$theirs" "us"
  row "ddokta, luajit" "$ours" "us"
  figure cpu_vs_lua_http "$(ratio "$theirs" "$ours")" least 2.5
else
  heading "cpu_vs_lua_http: not measured; it needs LuaJIT, make LUA=luajit, lua-http and lua-cjson"
fi
