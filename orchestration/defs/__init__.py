"""Assets, one module per part of the flow; bodies read, call, write and report, nothing else."""
