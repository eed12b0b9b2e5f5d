"""The report: one self-contained HTML page over the tables that serving publishes.

Belongs here: reading the published tables, words, charts, the page.
Does not belong here: computing anything that another table should say; the page only shows.
"""

from segmentry.report.build import build_report

__all__ = ["build_report"]
