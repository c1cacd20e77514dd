#!/bin/sh
# Imports users in four parts side by side, under GNU parallel (Debian: parallel), each with a quarter of the
# rate limits and a journal of its own; then one report of all. Run again after whatever happened, it goes on.
#
#   sh examples/shards.sh users.csv run/        needs DD_API_KEY, DD_APP_KEY, DD_SITE as ddokta does
#
# The same line is the job of any scheduler that counts: a Kubernetes indexed Job
# (--shard $((JOB_COMPLETION_INDEX + 1))/4), a Slurm array (--shard $SLURM_ARRAY_TASK_ID/4).
set -u
source=${1:?usage: shards.sh <source> <folder>}
folder=${2:?usage: shards.sh <source> <folder>}
shards=${SHARDS:-4}
mkdir -p "$folder" || exit 1

seq "$shards" | parallel --will-cite --jobs "$shards" --halt never --line-buffer --tagstring 'shard {}' \
  ddokta users import "$source" --yes --shard "{}/$shards" --max-api-capacity $((100 / shards)) \
  --journal "$folder/{}.journal" --report "$folder/{}.csv"
failed=$?

# the reports' first lines are alike
{ head -n 1 "$folder/1.csv"; for i in $(seq "$shards"); do tail -n +2 "$folder/$i.csv"; done; } \
  > "$folder/report.csv"
if [ $failed -gt 0 ]; then
  echo "$failed of $shards shards have something left to do: run this again, or see $folder/report.csv"
  exit 1
fi
echo "all $shards shards are done, see $folder/report.csv"
