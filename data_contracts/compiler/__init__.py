"""Files in, contracts, SQL, YAML and expectations out: pure functions that fail closed.

Belongs here: reading and checking the files of data_contracts and rendering them for an engine; a
rule that a renderer does not know raises ContractError and is never skipped. Not here: running it.
"""
