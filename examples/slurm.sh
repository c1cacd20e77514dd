#!/bin/sh
# Imports users in four parts as a Slurm array; each part has a quarter of the rate limits and a journal of its
# own, on a file system that all nodes have. A part that died or has rows left is run again by Slurm and goes on
# by its journal. It needs DD_API_KEY, DD_APP_KEY, DD_SITE as ddokta does.
#
#   sbatch examples/slurm.sh users.csv run/
#   ddokta journal show run/*.journal             what all parts did, summed up
#
#SBATCH --job-name=ddokta
#SBATCH --array=1-4
#SBATCH --requeue
#SBATCH --open-mode=append
set -u
source=${1:?usage: sbatch slurm.sh <source> <folder>}
folder=${2:?usage: sbatch slurm.sh <source> <folder>}
part=$SLURM_ARRAY_TASK_ID
mkdir -p "$folder" || exit 1

ddokta users import "$source" --yes --shard auto --max-api-capacity $((100 / SLURM_ARRAY_TASK_COUNT)) \
  --journal "$folder/$part.journal" --report "$folder/$part.csv"
status=$?

# 1: rows failed; above 128: it was killed. All else needs somebody who looks.
if { [ $status -eq 1 ] || [ $status -gt 128 ]; } && [ "${SLURM_RESTART_COUNT:-0}" -lt 3 ]; then
  scontrol requeue "$SLURM_JOB_ID"
fi
exit $status
