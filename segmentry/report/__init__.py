"""The report: self-contained HTML pages over the tables that serving publishes, and model cards.

Belongs here: the sections with the SQL that each reads by, charts, the page's templates.
Does not belong here: computing what a table should hold; words that others use too (they are in
data_contracts/wording).
"""

from segmentry.report.build import build_report

__all__ = ["build_report"]
