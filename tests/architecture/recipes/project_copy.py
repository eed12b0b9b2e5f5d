"""A copy of the code and of what the company chooses, asked in a process of its own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from segmentry.home import PROJECT

PACKAGES = ("data_contracts", "dbt_project", "ml", "segmentry")


def copy_project(to: Path) -> Path:
    """Copy everything that `segmentry check` reads; returns the copy."""
    unwanted = shutil.ignore_patterns("__pycache__", "target", "dbt_packages", "logs")
    for package in PACKAGES:
        shutil.copytree(PROJECT / package, to / package, ignore=unwanted)
    return to


def ask(project: Path, script: str) -> Any:
    """What a script prints as JSON in the copy."""
    done = _run(project, script)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def refusal(project: Path) -> str:
    """What `segmentry check` says against the clusterings and segments of the copy."""
    done = _run(project, _READ)
    assert done.returncode != 0, "the project was accepted"
    return done.stderr.splitlines()[-1]


_READ = """
from segmentry.project.vocabulary import lenses, written_segments
lenses()
written_segments()
"""


def _run(project: Path, script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        check=False,
    )
