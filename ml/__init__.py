"""Learning from the feature mart: targets, backtests, calibrated scores, reasons, clusters.

Belongs here: pure functions and scikit-learn style estimators over pandas and numpy. Dates and
seeds are arguments.
Does not belong here: Dagster, DuckDB, environment variables, the clock. Only `ml.store` touches
files, in a directory that its caller names.
"""
