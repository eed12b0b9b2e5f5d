"""How the tree stands: python -m tests.architecture.counts [folder of another checkout]

--renew rewrites the lists of exceptions: what needs none any more is dropped, and nothing is added
unless --accept says so, which is for a rule that is new or stricter.
"""

import argparse
import sys
from collections import Counter
from functools import cache
from pathlib import Path

from segmentry.home import PROJECT
from tests.architecture.law.shapes import modules_by_folder
from tests.architecture.law.violation import Violation
from tests.architecture.rules import RULES

EXCEPTIONS = Path(__file__).parent / "exceptions"


@cache
def violations(rule: str, root: Path = PROJECT) -> list[Violation]:
    """Everything in a checkout that breaks a rule."""
    return list(RULES[rule](root))


def read_exceptions(rule: str) -> Counter[str]:
    """What a rule lets pass today -> how often."""
    path = EXCEPTIONS / f"{rule}.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    counted = (line.split(" ", 1) for line in lines)
    return Counter({key: int(count) for count, key in counted})


def write_exceptions(rule: str, exceptions: Counter[str]) -> None:
    """One line per exception: how often, and which; no file where there are none."""
    path = EXCEPTIONS / f"{rule}.txt"
    if not exceptions:
        path.unlink(missing_ok=True)
        return
    EXCEPTIONS.mkdir(exist_ok=True)
    lines = [f"{count} {key}\n" for key, count in sorted(exceptions.items())]
    path.write_text("".join(lines), encoding="utf-8")


def renew(accept: bool) -> None:
    """Bring the lists up to date with this checkout."""
    for rule in RULES:
        today = Counter(violation.key for violation in violations(rule))
        write_exceptions(rule, today if accept else today & read_exceptions(rule))


def report(root: Path) -> str:
    """The number of each rule's violations, and the fullest folders."""
    lines = [f"{len(violations(rule, root)):5} {rule}" for rule in RULES]
    folders = {folder: len(names) for folder, names in modules_by_folder(root).items()}
    lines.append("modules per folder:")
    fullest = sorted(folders.items(), key=lambda item: (-item[1], item[0]))
    lines += [f"{count:5} {folder}" for folder, count in fullest]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", nargs="?", type=Path, default=PROJECT)
    parser.add_argument("--renew", action="store_true")
    parser.add_argument("--accept", action="store_true")
    chosen = parser.parse_args()
    if chosen.renew:
        renew(chosen.accept)
    sys.stdout.write(report(chosen.root.resolve()))
