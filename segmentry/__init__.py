"""The application: it reads, writes and decides when. One room a stage; no Dagster, no terminal.

The law of the house: five floors, and a file imports its own or a lower one: data_contracts < ml
(and simulation) < segmentry < orchestration < benchmarks and tests. Rooms stand in the order of
the stages, and an earlier one imports no later one: home, keys, artefacts, warehouse, project,
quality, dbt; landing < identity < signals < models < segments; then explain, report and doctor.
Not here: how a model learns (`ml`), what a table promises (`data_contracts`), how a table is
derived in SQL (`dbt_project`). tests/architecture holds all of this.
"""
