"""Models in time: when they train, which is in force, what moved since.

Not here: how a model learns (`ml`), and the features that it reads (`dbt_project`).
"""
