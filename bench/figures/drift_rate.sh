# How long a comparison of both services takes, and how many calls. (One after the other, 1,358 calls took
# 34 s.)
users=${BENCH_DRIFT_USERS:-10000}
groups=${BENCH_DRIFT_GROUPS:-300}
at_once=32
seconds=0.1

"$LUA" bench/drift.lua "$users" "$groups" $seconds $at_once > "$work/drift"
read -r took calls < "$work/drift"
heading "drift over $users users and $groups groups, $at_once in flight, each answered after $seconds s"
figure drift_rate "$took" most 6
figure drift_calls "$calls" most 1000
