"""Files and databases into raw: found, checked, deduplicated, versioned, or set aside.

Not here: what a source delivers (its contract says so), and joining sources (staging does).
"""
