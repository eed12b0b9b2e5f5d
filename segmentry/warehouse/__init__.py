"""The warehouse: its lock and door, contracted tables, facts that all agree on, the snapshot.

`engines` has what depends on the database. Not here: what any one stage asks or writes.
"""
