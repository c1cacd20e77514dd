# How much of a rate limit is used, and whether it is ever exceeded; with the headers that tell of it, and
# where only 429s do. Two sandboxes at once: each is idle for nearly all of the time.
calls=${BENCH_LIMITED_CALLS:-3000}
at_once=50
limit=100

"$LUA" bench/limited.lua "$calls" $at_once $limit labelled > "$work/labelled" &
background=$!
"$LUA" bench/limited.lua "$calls" $at_once $limit unlabelled > "$work/unlabelled" &
background="$background $!"
for process in $background; do
  wait "$process"
done
background=

# line: took, least, answers 200, answers 429
column() {
  awk -v column="$2" '{ print $column }' "$work/$1"
}
for mode in labelled unlabelled; do
  heading "$calls calls, $limit per second, $mode, from the beginning of a second of the clock"
  row "at least needed" "$(column $mode 2)" "s"
  row "ddokta, $LUA" "$(column $mode 1)" "s"
  case $mode in
  labelled)
    figure limited_rate "$(ratio "$(column $mode 2)" "$(column $mode 1)")" least 0.97
    figure limited_429 "$(column $mode 4)" most 0
    ;;
  unlabelled)
    row "answers 429" "$(column $mode 4)" ""
    figure unlabelled_limited_rate "$(ratio "$(column $mode 2)" "$(column $mode 1)")" least 0.8
    ;;
  esac
done
