"""What to do next: whom to write to, what waits for a decision, what is off."""

from data_contracts.wording.numbers import count, plural
from segmentry.report.page import Page, Section, records
from segmentry.report.sections.quality import read_checks
from segmentry.report.sections.segments import SEGMENTS
from segmentry.report.sections.worth_acting import chosen
from segmentry.report.states import models_line, segments_line

PAGE = "index"
LABEL = "Next steps"
TITLE = "What to do next"

DRIFTED = """
    select count(*) as moved_count from models.drift
    where verdict = 'drifted' and as_of_date = (select max(as_of_date) from models.drift)
"""
FIRST = 2


def section(page: Page) -> Section:
    """Steps in the order of their worth, and what is off in two lines."""
    if page.as_of is None:
        return {"empty": "Land files and run: segmentry run says how."}
    segments = page.read(SEGMENTS)
    off = [models_line(page.reader), segments_line(segments.to_dict("records"))]
    return {
        "steps": [*_write_to(page), *_decide(page, int((segments["status"] == "proposed").sum()))],
        "off": [line for line in off if line],
    }


def _write_to(page: Page) -> list[dict[str, str]]:
    shown = chosen(page)
    steps = []
    for row in records(shown[shown["group"] == "leaving"].head(FIRST)):
        steps.append(
            {
                "do": f"Write to “{row.name}”: {plural(row.customer_count, 'customer')} who spent "
                f"{page.money(row.spent)} in the last year.",
                "how": f"select customer_id from segments.segment_membership where segment_id = "
                f"'{row.segment_id}'",
                "href": "",
            }
        )
    return steps


def _decide(page: Page, waiting: int) -> list[dict[str, str]]:
    checks = read_checks(page)["outcome"].value_counts()
    failed, warned = int(checks.get("failed", 0)), int(checks.get("warning", 0))
    moved = int(page.read(DRIFTED)["moved_count"].iloc[0])
    steps = []
    if failed or warned:
        steps.append(
            {
                "do": f"Look at the data: {plural(failed, 'check')} failed, {count(warned)} gave a "
                "warning.",
                "how": "",
                "href": "quality.html",
            }
        )
    if moved:
        steps.append(
            {
                "do": f"Look at the models: {plural(moved, 'measure')} drifted since training.",
                "how": "",
                "href": "models.html",
            }
        )
    if waiting:
        steps.append(
            {
                "do": f"Decide on {plural(waiting, 'group')} that clustering found: approve those "
                "worth acting on.",
                "how": "segmentry segments approve SEGMENT",
                "href": "clusters.html",
            }
        )
    return steps
