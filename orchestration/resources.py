"""What assets need from outside: the home, its warehouse, the contracts."""

from pathlib import Path
from typing import Any

import dagster as dg

from data_contracts.compiler.loading import load_contracts
from data_contracts.definitions.contract import Contracts, Table
from segmentry.home import Home
from segmentry.warehouse.door import Warehouse


class SegmentryHome(dg.ConfigurableResource):
    """One home; `root` is its folder."""

    root: str

    @property
    def home(self) -> Home:
        return Home(Path(self.root))

    @property
    def warehouse(self) -> Warehouse:
        return Warehouse(self.home)

    @property
    def contracts(self) -> Contracts:
        return load_contracts()

    def table(self, full_name: str) -> Table:
        return self.contracts.tables[full_name]


def resources(home: Home) -> dict[str, Any]:
    """The resources of a code location that works in `home`."""
    return {"segmentry": SegmentryHome(root=str(home.root))}
