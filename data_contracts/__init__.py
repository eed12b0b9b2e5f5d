"""What every table promises.

Belongs here: the column dictionary, one contract per table, targets, clusterings, segments, words,
and the compiler that turns them into dbt YAML, landing SQL, expectations and segment SQL.
Does not belong here: reading or writing data, models, anything of ml, segmentry or orchestration.
"""
