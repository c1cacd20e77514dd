# From the start of `ddokta --version` to its output, over a Lua that prints a word. Cold each time, alternating,
# the median of the rounds.
rounds=${BENCH_COMMAND_ROUNDS:-21}

i=0
while [ $i -lt "$rounds" ]; do
  timed lua_start ready "$LUA" -e "print 'ready'"
  timed command_start ddokta "$PWD/$B/$LUA/bin/ddokta" --version
  i=$((i + 1))
done

heading "Start of the command (median of $rounds rounds)"
row "$LUA" "$(milliseconds_to_output lua_start)" "ms"
row "ddokta --version, $LUA" "$(milliseconds_to_output command_start)" "ms"
figure command_start_ms "$(milliseconds_to_output command_start)" most 10
