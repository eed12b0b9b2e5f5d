"""What a contract, target, lens, segment and rule of identity is: validated, immutable classes.

Belongs here: what one of them means and when it is wrong. Not here: reading its file, or
rendering it for an engine (compiler/).
"""
