# Instructions of user code per call, which do not depend on what else the machine does: the difference of
# a run with more calls and one with fewer, under callgrind. So that a change shows.
fewer=1000
more=3000
at_once=50

# CALLS COMMAND...: the instructions of the command with so many calls
instructions() {
  counted_calls=$1
  shift
  valgrind --tool=callgrind --callgrind-out-file="$work/callgrind" "$@" "$counted_calls" $at_once \
    > "$work/valgrind.log" 2>&1 || { cat "$work/valgrind.log" >&2; return 1; }
  awk '/^summary:/ { print $2 }' "$work/callgrind"
}

difference() {
  many=$(instructions $more "$@")
  few=$(instructions $fewer "$@")
  awk -v many="$many" -v few="$few" -v calls=$((more - fewer)) 'BEGIN { printf "%.0f", (many - few) / calls }'
}

if command -v valgrind > /dev/null; then
  heading "Instructions of user code per call, $at_once in flight"
  row "libcurl in C, nothing decoded" "$(difference "$(tool libcurl)" "$LIST_URL")" ""
  figure instructions_per_call "$(difference "$LUA" bench/list_calls.lua)"
else
  heading "instructions_per_call: not measured; it needs valgrind"
fi
