"""Segments: the catalogue, who is in and why, and what a person decides about one.

Not here: compiling conditions (`data_contracts`), and sending audiences anywhere.
"""
