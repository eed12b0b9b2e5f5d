"""The report page: read in a real browser, in both colour schemes and on two widths."""
