"""Why one customer has these scores and segments, read from what the last run published.

Not here: how it looks on a terminal (`orchestration.cli`), and the words (`data_contracts`).
"""
