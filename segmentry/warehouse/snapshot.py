"""The served snapshot as a place to read: never locked by a running job."""

from typing import TYPE_CHECKING

import duckdb

from segmentry.home import ConfigurationError, Home
from segmentry.warehouse.door import Parameters

if TYPE_CHECKING:
    import pandas as pd


class Snapshot:
    """Reads what the last good run published. Raises ConfigurationError where there is none."""

    def __init__(self, home: Home) -> None:
        self.home = home
        if not home.served_database.exists():
            raise ConfigurationError(
                f"{home.root} has nothing to read yet; run segmentry run --source ... first"
            )

    def read(self, sql: str, parameters: Parameters = None) -> "pd.DataFrame":
        """The result of one query as a DataFrame."""
        with duckdb.connect(str(self.home.served_database), read_only=True) as connection:
            return connection.execute(sql, parameters or []).df()

    def scalar(self, sql: str, parameters: Parameters = None) -> object:
        """The first column of the first row, None when there is no row."""
        with duckdb.connect(str(self.home.served_database), read_only=True) as connection:
            row = connection.execute(sql, parameters or []).fetchone()
        return row[0] if row else None
