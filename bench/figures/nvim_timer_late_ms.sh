# How late a timer of 10 ms comes at most in Neovim while 50 calls of 300 ms are under way in it.
rounds=${BENCH_LOOP_ROUNDS:-3}

if command -v nvim > /dev/null && has_luajit; then
  use_lua luajit
  i=0
  while [ $i -lt "$rounds" ]; do
    nvim --headless -u NONE -i NONE -c 'luafile bench/nvim.lua' >> "$work/nvim"
    i=$((i + 1))
  done
  heading "Neovim, 50 calls of 300 ms at once (median of $rounds rounds)"
  row "all 50 calls" "$(product "$(value_of nvim_calls_seconds "$work/nvim")" 1000)" "ms"
  figure nvim_timer_late_ms "$(value_of nvim_timer_late_ms "$work/nvim")" most 25
else
  heading "nvim_timer_late_ms: not measured; it needs Neovim and make LUA=luajit"
fi
