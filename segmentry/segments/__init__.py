"""Who is in which segment, since when and why.

Belongs here: the catalogue with its copies and versions, the fold over dates, reasons for moves,
near misses, lookalikes, previews, what a person decides. Not here: what a condition may say and
how it becomes SQL (data_contracts/compiler), how customers are clustered (ml/clusters, models).
"""
