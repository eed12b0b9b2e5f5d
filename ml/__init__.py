"""Learning from the feature mart: targets, clusterings, next products, signals, who is who.

Pure functions and scikit-learn style estimators over pandas and numpy; dates and seeds are
arguments. Not here: Dagster, DuckDB, files, environment variables, the clock.
"""
