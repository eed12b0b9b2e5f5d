"""What every table promises.

Belongs here: the column dictionary, one contract per table, targets, segments, and the compiler
that turns them into dbt YAML, landing SQL, Great Expectations suites and segment SQL.
Does not belong here: reading or writing data, Dagster, models.
"""
