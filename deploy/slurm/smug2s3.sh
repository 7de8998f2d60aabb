#!/bin/bash
# sbatch deploy/slurm/smug2s3.sh, from the folder that has `.env` and, from `smug2s3 cluster certs certs`, the certificates.
# The ledger is written there, too. Submit it again to continue: what is copied is skipped.
#SBATCH --job-name=smug2s3
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=2
#SBATCH --mem-per-cpu=1G
#SBATCH --time=24:00:00
#SBATCH --signal=B:INT@120

set -euo pipefail

cd "${SLURM_SUBMIT_DIR:?}"
host=$(hostname -f)
scheduler="tls://$host:8786"

# Whatever still runs ends with this script; workers end by themselves once their scheduler is gone.
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT

dask scheduler --port 8786 --protocol tls --dashboard-address 127.0.0.1:0 --tls-ca-file certs/ca.pem \
    --tls-cert certs/scheduler.pem --tls-key certs/scheduler-key.pem &
until (: <"/dev/tcp/$host/8786") 2>/dev/null; do sleep 1; done

# A worker on each node; --overlap, since the scheduler and sync have no tasks of their own.
srun --overlap smug2s3 worker "$scheduler" --certs certs &

smug2s3 sync --scheduler "$scheduler" --certs certs &
sync=$!

# Two minutes before the time is over, Slurm sends INT here: passed on, it ends the run as Ctrl-C does, with all recorded.
trap 'kill -INT "$sync"' INT
code=0
wait "$sync" || code=$?
while kill -0 "$sync" 2>/dev/null; do
    wait "$sync" || code=$?
done
exit "$code"
