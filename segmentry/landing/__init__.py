"""Landing: delivered files and live databases into raw, with every bad row in quarantine.

One file's way: `source` (the transaction) -> `plan` (which files, of what shape) -> for each
table `read` -> `check` -> `compare` -> `write` -> `report`. Here belongs what happens before raw
holds a row; not what a row means afterwards (dbt's staging), and not Dagster.
"""
