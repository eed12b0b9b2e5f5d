"""Model quality beside published figures, one module per table; each has `report() -> list[str]`.

Peers' figures stand beside ours with intervals. Choices were made on dates before those of a table,
and the table says which. Verdicts are for people: nothing here fails a build.
"""
