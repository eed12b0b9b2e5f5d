"""A section of the report is one file and one line: taken by these steps on a copy."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from segmentry.home import PROJECT
from tests.segmentry.report.sample import build_sample

MODULE = '''"""Customers by the number of segments they are in."""

from data_contracts.wording.numbers import count
from segmentry.report.page import Page, Section, records

PAGE = "segments"
LABEL = "Breadth"
TITLE = "In how many segments customers are"

BREADTH = """
    with breadth as (
        select customer_id, count(*) as segment_count
        from segments.segment_membership group by customer_id)
    select segment_count, count(*) as customer_count
    from breadth group by segment_count order by segment_count
"""


def section(page: Page) -> Section:
    """One row per number of segments."""
    rows = page.read(BREADTH)
    if rows.empty:
        return {"empty": "Nobody is in a segment."}
    return {
        "lead": "How many customers are in how many segments.",
        "tables": [
            {
                "label": "Table of breadth",
                "columns": ["Segments", "Customers"],
                "rows": [
                    [count(row.segment_count), count(row.customer_count)] for row in records(rows)
                ],
            }
        ],
    }
'''
BUILD = (
    "from pathlib import Path; import sys; from segmentry.report import build_report; "
    "build_report(Path(sys.argv[1]), Path(sys.argv[2]))"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the code."""
    copy = tmp_path / "project"
    for package in ("data_contracts", "ml", "segmentry", "dbt_project"):
        unwanted = shutil.ignore_patterns("__pycache__", "target", "dbt_packages", "logs")
        shutil.copytree(PROJECT / package, copy / package, ignore=unwanted)
    return copy


def test_a_section_is_one_file_and_one_line(project: Path, tmp_path: Path) -> None:
    # 1. A module in segmentry/report/sections: its SQL, PAGE, LABEL, TITLE and section(page).
    (project / "segmentry/report/sections/breadth.py").write_text(MODULE)
    # 2. Its name in the list of segmentry/report/build.py, where it is to stand on the page.
    build = project / "segmentry/report/build.py"
    build.write_text(
        build.read_text().replace('    "movement",\n', '    "breadth",\n    "movement",\n')
    )

    database, out = build_sample(tmp_path / "s.duckdb", customer_count=120), tmp_path / "page.html"
    subprocess.run(
        [sys.executable, "-c", BUILD, str(database), str(out)],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project)},
        check=True,
    )
    html = (out.parent / "segments.html").read_text(encoding="utf-8")
    assert '<a href="#breadth">Breadth</a>' in html, "the navigation leads to it"
    section = re.search(r'<section id="breadth".*?</section>', html, re.DOTALL)
    assert section is not None
    assert "In how many segments customers are" in section[0]
    assert len(re.findall("<tr>", section[0])) > 2
    assert html.index('id="segments"') < html.index('id="breadth"') < html.index('id="movement"')
