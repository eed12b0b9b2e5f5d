"""Learning from the feature mart: targets, backtests, calibrated scores, reasons, clusters.

Belongs here: pure functions and scikit-learn style estimators over pandas and numpy. Dates and
seeds are arguments.
Does not belong here: Dagster, DuckDB, files, environment variables, the clock.
"""
