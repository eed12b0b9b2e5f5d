"""What things are called for people: numbers, dates, scores, candidates, metrics, reasons.

Belongs here: words, and the one way in which each kind of value is written.
Does not belong here: what is computed, or how a page or a terminal lays it out.
"""
