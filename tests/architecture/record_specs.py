"""Renew the record of the asset graph: python -m tests.architecture.record_specs"""

import tempfile
from pathlib import Path

from orchestration.definitions import build_defs
from segmentry.home import Home


def spec_lines(defs) -> str:
    """One line per asset: key, group and what it is made from."""
    lines = sorted(
        f"{spec.key.to_user_string()} [{spec.group_name}] <- "
        + ", ".join(sorted(dep.asset_key.to_user_string() for dep in spec.deps))
        for spec in defs.resolve_all_asset_specs()
    )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        text = spec_lines(build_defs(Home(Path(folder))))
    Path(__file__).with_name("asset_specs.txt").write_text(text)
