"""The recipes of the README, taken step by step on a copy of the project."""
