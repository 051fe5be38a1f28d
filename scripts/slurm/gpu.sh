#!/usr/bin/env bash
# Trains on GPU nodes: sbatch scripts/slurm/gpu.sh [options of train]. One rank for each GPU; a rank sees its own alone, as cuda:0.
# Never run: the machines that this was made on had one GPU at most, and no SLURM. Program, model, prompts and the folder of the run lie where
# every node sees them; the program is one built with -p:Device=cuda.
#SBATCH --job-name=reasoning
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=8
#SBATCH --gpus-per-node=8
#SBATCH --cpus-per-task=8
#SBATCH --time=04:00:00
#SBATCH --signal=B:USR1@300
# The last line: five minutes before the time is over mpirun is told, and tells its ranks, to save and leave. The same job then goes on from there.
set -eu
run=${RUN:-runs/slurm-$SLURM_JOB_NAME}
resume=(); [ -e "$run/run.json" ] && resume=(--resume)
[ $# -gt 0 ] || set -- --recipe zerosiam
[ ${#resume[@]} -eq 0 ] || set --
# shellcheck disable=SC2016 # the rank's own shell is to read the number
exec mpirun --map-by "slot:PE=$SLURM_CPUS_PER_TASK" bash -c 'export CUDA_VISIBLE_DEVICES=$OMPI_COMM_WORLD_LOCAL_RANK; exec "$@"' rank \
  "${REASONING:-reasoning}" train "${resume[@]}" --device cuda --threads "$SLURM_CPUS_PER_TASK" --out "$run" "$@"
