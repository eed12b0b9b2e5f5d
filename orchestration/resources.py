"""What assets need from outside: the home, its warehouse, the contracts, dbt."""

import shutil
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
from dagster_dbt import DbtCliResource

from data_contracts.compiler.contract import Contracts, Table
from data_contracts.compiler.loading import load_contracts
from orchestration.home import DBT_PROJECT, Home
from orchestration.warehouse import Warehouse


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


def set_setting(segmentry: SegmentryHome, name: str, value: str) -> None:
    """Store one fact that every stage must agree on in ops.settings."""
    row = pd.DataFrame([{"setting_name": name, "setting_value": value}])
    table = segmentry.table("ops.settings")
    segmentry.warehouse.replace(table, row, f"setting_name = '{name}'")


def dbt_executable() -> str:
    """The dbt command of this environment, whatever PATH says."""
    beside = Path(sys.executable).with_name("dbt")
    return str(beside) if beside.exists() else shutil.which("dbt") or "dbt"


def dbt_resource() -> DbtCliResource:
    return DbtCliResource(
        project_dir=str(DBT_PROJECT),
        profiles_dir=str(DBT_PROJECT),
        dbt_executable=dbt_executable(),
    )


def resources(home: Home) -> dict[str, Any]:
    """The resources of a code location that works in `home`."""
    return {"segmentry": SegmentryHome(root=str(home.root)), "dbt": dbt_resource()}
