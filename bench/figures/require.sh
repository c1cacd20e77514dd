# What the module weighs: its size without symbols, and the time and memory of require "ddokta" over the
# same Lua that loads libcurl alone. Cold each time, alternating, the median of the rounds.
rounds=${BENCH_REQUIRE_ROUNDS:-41}

strip -o "$work/core.so" "$B/$LUA/ddokta/core.so"
libcurl=$(ldd "$B/$LUA/ddokta/core.so" | awk '/libcurl/ { print $3 }')

i=0
while [ $i -lt "$rounds" ]; do
  timed load_libcurl ready "$LUA" -e "assert(package.loadlib('$libcurl', '*')) print 'ready'"
  timed require_ddokta ready "$LUA" -e "require 'ddokta' print 'ready'"
  i=$((i + 1))
done

beyond() {
  awk -v ours="$2" -v theirs="$1" 'BEGIN { printf "%.3f", ours - theirs }'
}
heading "What the module weighs (median of $rounds rounds)"
row "libcurl alone" "$(milliseconds_to_output load_libcurl)" "ms"
row "require \"ddokta\", $LUA" "$(milliseconds_to_output require_ddokta)" "ms"
row "libcurl alone, memory" "$(mebibytes load_libcurl)" "MiB"
row "require \"ddokta\", $LUA, memory" "$(mebibytes require_ddokta)" "MiB"
figure core_so_kib "$(ratio "$(wc -c < "$work/core.so")" 1024)" most 400
figure require_ms "$(beyond "$(milliseconds_to_output load_libcurl)" "$(milliseconds_to_output require_ddokta)")" \
  most 5
figure require_mib "$(beyond "$(mebibytes load_libcurl)" "$(mebibytes require_ddokta)")" most 3
