# What a journal costs of an import's time, where each answer takes 20 ms: its lines are brought to the
# disk (fdatasync) in the temporary folder, before each step that they are about.
creates=${BENCH_JOURNAL_ROWS:-10000}
rounds=${BENCH_JOURNAL_ROUNDS:-3}
at_once=32

"$LUA" bench/apply_sandbox.lua journal "$creates" $at_once 0.020 "$rounds" "$work" > "$work/journalled"
read -r bare kept < "$work/journalled"
heading "Import of $creates rows, 20 ms an answer, $at_once in flight, $rounds rounds"
row "without a journal" "$bare" "s"
row "with a journal" "$kept" "s"
figure journal_wall_ratio "$(ratio "$kept" "$bare")" most 1.15
