"""Charts of the report: frames in, Altair specifications out.

Not here: choosing what to show, which a section does.
"""
