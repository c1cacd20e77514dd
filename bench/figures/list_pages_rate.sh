# How near to the ideal a list is read whose pages take their time: all of it at once, as bulk and recipes
# do, and item by item.
users=${BENCH_LIST_USERS:-100000}
at_once=32
seconds=0.1

"$LUA" bench/list_pages.lua "$users" $seconds $at_once "$work" > "$work/list_pages"
read -r least whole each < "$work/list_pages"
heading "$users users in pages of 100, $at_once in flight, each answered after $seconds s"
row "at least needed" "$least" "s"
row "all of it, $LUA" "$whole" "s"
row "each_scim_user, $LUA" "$each" "s"
row "each_scim_user, of the ideal" "$(ratio "$least" "$each")" ""
figure list_pages_rate "$(ratio "$least" "$whole")" least 0.85
