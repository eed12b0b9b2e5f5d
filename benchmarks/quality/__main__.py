"""Print every table of model quality.

python -m benchmarks.quality [--home HOME] [PART ...]
"""

import argparse
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.quality import (
    inactivity,
    planted_types,
    products,
    propensity,
    segmentations,
    simulated,
    value,
)
from orchestration.cli.main import leave

PARTS: dict[str, Callable[[], list[str]]] = {
    "inactivity": inactivity.report,
    "propensity": propensity.report,
    "value": value.report,
    "products": products.report,
    "segmentations": segmentations.report,
    "simulated": simulated.report,
    "planted_types": planted_types.report,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the wanted parts, all of them by default."""
    parser = argparse.ArgumentParser(description="model quality beside published figures")
    parser.add_argument("--home", type=Path, help="the home of the demo (default: SEGMENTRY_HOME)")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    options = parser.parse_args(arguments)
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"unknown part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if options.home is not None:
        os.environ["SEGMENTRY_HOME"] = str(options.home)
    for name in options.parts or PARTS:
        print("\n".join([f"== {name}", *PARTS[name]()]), flush=True)  # noqa: T201
    return 0


if __name__ == "__main__":
    leave(main())
