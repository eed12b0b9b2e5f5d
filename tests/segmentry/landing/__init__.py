"""What landing promises: structural breaks, bad rows, files and versions."""
