"""Parquet parts of the exports and of the truth, held to the columns of the raw contract."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.compiler.loading import load_contracts
from simulation.columns import Ints, Mask, nothing, plain

Columns: TypeAlias = "dict[str, pa.Array | str | None]"

TRUTH = "truth"


def contracted_columns() -> dict[str, list[str]]:
    """Raw table of the omnishop -> its columns, in the contract's order."""
    tables = load_contracts().sources()["omnishop"]
    return {t.name.split("__", 1)[1]: [column.name for column in t.columns] for t in tables}


def versions(first: Ints, change: Ints, changed: Mask, start: int) -> tuple[Ints, Mask]:
    """Which rows monthly exports hold: every first version, and the later ones of what changed.

    first, change: seconds since 1970 of each row's versions. What changed within the month of its
    first export stands there only as it is at its end. Returns positions and which are later ones.
    """
    same = month_of(first, start) == month_of(change, start)
    before, after = np.flatnonzero(~(changed & same)), np.flatnonzero(changed)
    row = np.concatenate([before, after])
    return row, np.arange(len(row)) >= len(before)


def month_of(seconds: Ints, start: int) -> npt.NDArray[np.datetime64]:
    """The month of the export that first holds what was so at these seconds since 1970."""
    return np.maximum(seconds, start).astype("datetime64[s]").astype("datetime64[M]")


class Output:
    """Where one block of customers writes: `folder/<table>/<part>.parquet`.

    Raises ValueError when the columns of a table are not the contract's.
    """

    def __init__(self, folder: Path, block: int, columns: Mapping[str, list[str]]) -> None:
        self.folder, self.block, self.columns = folder, block, columns
        self.rows: dict[str, int] = {}

    def write(self, table: str, values: Columns, label: str = "part") -> None:
        """Write one part of a table; a text stands for itself in every row, None for nothing."""
        if set(values) != set(self.columns[table]):
            raise ValueError(f"{table}: {sorted(set(values) ^ set(self.columns[table]))}")
        rows = self._write(table, {name: values[name] for name in self.columns[table]}, label)
        self.rows[table] = self.rows.get(table, 0) + rows

    def truth(self, table: str, values: Columns) -> None:
        """Write one part of what is true; the pipeline never sees it."""
        self._write(f"{TRUTH}/{table}", values, "part")

    def export_by_month(self, table: str, values: Columns, seconds: Ints, start: int) -> None:
        """Write rows into the export of the month in which they last changed, or the first one."""
        month = month_of(seconds, start)
        for one in np.unique(month):
            keep = pa.array(month == one)
            part = {
                name: column.filter(keep) if isinstance(column, pa.Array) else column
                for name, column in values.items()
            }
            self.write(table, part, str(one))

    def _write(self, table: str, values: Columns, label: str) -> int:
        rows = next(len(c) for c in values.values() if isinstance(c, pa.Array))
        if not rows:
            return 0
        constant = pa.array(np.zeros(rows, np.int8))
        arrays = [
            nothing(rows)
            if column is None
            else pa.DictionaryArray.from_arrays(constant, pa.array([column]))
            if isinstance(column, str)
            else column
            for column in values.values()
        ]
        few = [n for n, a in zip(values, arrays, strict=True) if pa.types.is_dictionary(a.type)]
        # As plain text: given dictionaries, Arrow's writer leaves stray memory behind their pages,
        # and the same world would not be the same bytes.
        frame = pa.Table.from_arrays([plain(array) for array in arrays], names=list(values))
        path = self.folder / table / f"{label}-{self.block:05}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(frame, path, compression="zstd", compression_level=1, use_dictionary=few)
        return rows
