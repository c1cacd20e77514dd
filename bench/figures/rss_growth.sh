# Peak resident memory at the end of many calls over that after the first 1,000.
calls=${BENCH_MEMORY_CALLS:-100000}
at_once=50

grown() {
  "$LUA" bench/memory.lua "$calls" "$2" > "$work/memory"
  read -r first last < "$work/memory"
  row "ddokta, $LUA, $1, first 1,000" "$(ratio "$first" 1024)" "MiB"
  row "ddokta, $LUA, $1, at the end" "$(ratio "$last" 1024)" "MiB"
  figure "rss_growth_$1" "$(ratio "$last" "$first")" most 1.05
}

heading "Peak memory, $calls list calls, one after the other and $at_once in flight"
grown sequential 1
grown parallel $at_once
