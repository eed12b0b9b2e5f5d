"""dbt as a library: its manifest, one invocation, its results as check outcomes.

Not here: models and macros (`dbt_project`), and Dagster's events (`orchestration.dbt`).
"""
