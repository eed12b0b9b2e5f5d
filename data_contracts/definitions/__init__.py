"""What the files of this floor say, as frozen dataclasses: contract, target, lens, segment, rules.

Not here: reading YAML and checking it against other files, which is the compiler's.
"""
