"""What each system of the shop would export of the same lives: one module a product or log.

Not here: what people do and are (the modules above), and the mistakes all systems share (`dirt`).
"""
