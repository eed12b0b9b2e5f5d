"""What this project has chosen: its targets, clusterings, and the columns conditions may name.

Not here: how a file is read and refused (`data_contracts.compiler`).
"""
