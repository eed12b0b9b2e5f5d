"""Wiring: home, warehouse door, landing, Dagster assets and jobs, serving, report, command line.

Belongs here: reading and writing, and the order in which things happen.
Does not belong here: how a model learns (`ml/`), what a table promises (`data_contracts/`),
how a table is derived in SQL (`dbt_project/`).
"""
