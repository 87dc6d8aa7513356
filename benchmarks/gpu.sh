#!/usr/bin/env bash
# Trains a large recipe on a GPU without network, in steps that continue one another.
#
#     benchmarks/gpu.sh RECIPE CORPUS_FILE TIMELINE [MINUTES]
#
# One call trains for at most MINUTES (10 by default). Call it again, with the same arguments, until
# it prints the losses. For the figures in RESULTS.md:
#
#     benchmarks/gpu.sh nietzsche-large nietzsche.txt runs/nietzsche-large
#     benchmarks/gpu.sh shakespeare-large shakespeare.txt runs/shakespeare-large
#
# It needs JAX with CUDA and this project's requirements, except TensorFlow. Exit status: 0 finished,
# 75 call it again, anything else is an error. A call continues from the last snapshot.
set -euo pipefail

if [ $# -lt 3 ] || [ $# -gt 4 ]; then
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0" >&2
    exit 2
fi
recipe=$1 corpus=$2 timeline=$3 minutes=${4:-10}
root=$(cd "$(dirname "$0")/.." && pwd)
export KERAS_BACKEND=${KERAS_BACKEND:-jax}
# Measuring and saving a snapshot may take a while after the signal.
seconds=$((minutes * 60 * 9 / 10))

status=0
timeout --foreground --signal=INT "$seconds" python "$root/train.py" --corpus "$corpus" --recipe "$recipe" \
    --name "${timeline##*/}" --output "$timeline" --resume || status=$?
case $status in
0) ;;
124 | 130) echo "Not finished: call it again with the same arguments." >&2; exit 75 ;;
*) exit "$status" ;;
esac
# Carried state, and windows of 256 from the empty state, which is nanoGPT's protocol.
PYTHONPATH=$root python -m textgen evaluate "$timeline" "$corpus"
