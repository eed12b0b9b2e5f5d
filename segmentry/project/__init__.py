"""What this company has chosen: its targets, clusterings and segments as their files have them.

Belongs here: reading the project's files once, the columns that conditions may name, the check of
all of it. Not here: anything that needs a warehouse that a run has filled.
"""
