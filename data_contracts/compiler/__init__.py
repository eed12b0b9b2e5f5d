"""Contracts in, text and expectations out: pure functions that fail closed.

A rule that a renderer does not know raises ContractError; it is never skipped.
"""
