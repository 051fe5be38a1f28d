#!/usr/bin/env bash
# Trains on CPU nodes: sbatch scripts/slurm/cpu.sh [options of train]. One rank for each task, with the threads of its cores.
# Open MPI's mpirun asks SLURM for the nodes by itself. Program, model, prompts and the folder of the run lie where every node sees them.
#SBATCH --job-name=reasoning
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=2
#SBATCH --cpus-per-task=16
#SBATCH --time=04:00:00
#SBATCH --signal=B:USR1@300
# The last line: five minutes before the time is over mpirun is told, and tells its ranks, to save and leave. The same job then goes on from there.
set -eu
run=${RUN:-runs/slurm-$SLURM_JOB_NAME}
resume=(); [ -e "$run/run.json" ] && resume=(--resume)
[ $# -gt 0 ] || set -- --recipe zerosiam
[ ${#resume[@]} -eq 0 ] || set --
exec mpirun --map-by "slot:PE=$SLURM_CPUS_PER_TASK" -x OMP_NUM_THREADS="$SLURM_CPUS_PER_TASK" \
  "${REASONING:-reasoning}" train "${resume[@]}" --threads "$SLURM_CPUS_PER_TASK" --out "$run" "$@"
