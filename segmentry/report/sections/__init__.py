"""The sections of the report, a module each: its SQL, PAGE, LABEL, TITLE and `section(page)`.

A new one is such a module and its name in the list of `segmentry/report/build.py`. Not here: what a
table should hold, and how a chart is drawn (charts/).
"""
