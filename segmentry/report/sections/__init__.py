"""The parts of the report, one file each.

Not here: the page around them (`report.build`), and numbers that a table should hold.
"""
