"""The two ways in: Dagster, by the clock, and the command line, by a person.

Not here: SQL, frames, and anything that decides; a body reads arguments, calls, and reports.
"""
