#!/bin/sh
# Imports users in four parts side by side, under GNU parallel (Debian: parallel), each with a quarter of the
# rate limits and a journal of its own; then one report of all. A part that died or has rows left is run again
# and goes on by its journal; so does all of it when this is started again.
#
#   sh examples/shards.sh users.csv run/        needs DD_API_KEY, DD_APP_KEY, DD_SITE as ddokta does
#
# The same for others that count: examples/slurm.sh (an array), examples/kubernetes.yaml (an Indexed Job).
set -u
source=${1:?usage: shards.sh <source> <folder>}
folder=${2:?usage: shards.sh <source> <folder>}
DDOKTA_SHARDS=${SHARDS:-4} # GNU parallel tells a job which one it is, not of how many
export DDOKTA_SHARDS
mkdir -p "$folder" || exit 1

seq "$DDOKTA_SHARDS" | parallel --will-cite --jobs "$DDOKTA_SHARDS" --halt never --retries 3 --line-buffer \
  --tagstring 'shard {}' \
  ddokta users import "$source" --yes --shard auto --max-api-capacity $((100 / DDOKTA_SHARDS)) \
  --journal "$folder/{}.journal" --report "$folder/{}.csv"
failed=$?

# the reports' first lines are alike; a shard that could not begin has none
set -- "$folder"/[0-9]*.csv
[ ! -e "$1" ] || awk 'NR == 1 || FNR > 1' "$@" > "$folder/report.csv"
if [ $failed -gt 0 ]; then
  echo "$failed of $DDOKTA_SHARDS shards have something left to do: run this again, or see $folder/report.csv"
  exit 1
fi
echo "all $DDOKTA_SHARDS shards are done, see $folder/report.csv"
