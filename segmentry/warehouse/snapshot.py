"""The served snapshot, to read from: a running job never locks it."""

from typing import TYPE_CHECKING

from segmentry.home import ConfigurationError, Home
from segmentry.warehouse.door import Connected, Parameters
from segmentry.warehouse.engines.duckdb import open_read_only

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
        with open_read_only(self.home.served_database) as connection:
            return Connected(connection).read(sql, parameters)

    def scalar(self, sql: str, parameters: Parameters = None) -> object:
        """The first column of the first row, None when there is no row."""
        with open_read_only(self.home.served_database) as connection:
            return Connected(connection).scalar(sql, parameters)
