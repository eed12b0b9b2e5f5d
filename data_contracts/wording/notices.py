"""What has to be said wherever the data of a source are shown."""

NOTICES: dict[str, str] = {
    "complete_journey": (
        "Complete Journey: one year (2017) of a grocery retailer's households. The package of "
        "the same data on CRAN (CC0) says that it originates from the 84.51° Complete Journey "
        "source files; the README of the Python package calls it simulated from real patterns."
    ),
    "omnishop": (
        "Omnishop: where `segmentry simulate` made the files, this shop is synthetic: its people, "
        "their habits and their words are invented."
    ),
}
