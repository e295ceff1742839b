# shellcheck shell=bash disable=SC2034
# What the three scripts beside this share. A path that all nodes see; one RUNS folder for each sweep.
home=${STEERSWEEP_HOME:-$PWD}
steersweep=${STEERSWEEP:-$home/bin/steersweep}
model=${MODEL:-$home/demo/model}
conf=${CONF:-$home/conf/demo.yaml}
runs=${RUNS:-$home/runs/slurm-$(basename "$conf" .yaml)}
