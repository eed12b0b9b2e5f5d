"""What talks to one database engine: how its files are opened and how frames become relations.

A second engine is a module beside `duckdb` with the same functions. Not here: what is asked or
written (`door`, `tables`), and the lock of a home, which holds for every engine.
"""
