"""What a run promised and kept: checks of tables, and its steps, as rows of ops.

Not here: the promises themselves (`data_contracts`), and what stops a run (`orchestration`).
"""
