"""Networks, nothing else."""
