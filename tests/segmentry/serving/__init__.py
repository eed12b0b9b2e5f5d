"""Publishing: what a reader sees while the warehouse is being written."""
