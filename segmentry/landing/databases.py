"""Read the tables of a live database into Parquet files that landing takes like any others.

Only rows whose cursor column is new travel, with those of the hour before: a transaction that was
committed late carries an older time. Landing knows what it has, and keeps versions of what
changed. How far a database was read is kept by dlt below home. Not here: contracts, quarantine.
"""

import importlib.util
import os
from collections.abc import Sequence
from typing import Any

from data_contracts.definitions.contract import Contracts, Table
from segmentry.home import REFERENCE, ConfigurationError, Home

NEEDED = ("dlt", "sqlalchemy")
DLT_SETTINGS = ("DLT_DATA_DIR", "RUNTIME__DLTHUB_TELEMETRY")  # read when dlt is imported
LATE_SECONDS = 3600.0
CHUNK_ROWS = 100_000


def database_tables(contracts: Contracts, source: str) -> dict[str, list[Table]]:
    """The tables of a source that a database may deliver, by the database's name."""
    tables: dict[str, list[Table]] = {}
    for table in contracts.sources().get(source, []):
        if table.database:
            tables.setdefault(table.database, []).append(table)
    return tables


def reference_of(name: str, database: str) -> str:
    """What a home remembers of a database given on the command line: never its URL.

    database: a URL, or env:VARIABLE. A URL is put into this process's environment under
    SEGMENTRY_DATABASE_<NAME>.
    """
    if database.startswith(REFERENCE):
        return database
    variable = f"SEGMENTRY_DATABASE_{name.upper()}"
    os.environ[variable] = database
    return REFERENCE + variable


def read_databases(home: Home, contracts: Contracts, source: str) -> dict[str, dict[str, int]]:
    """Bring what is new in the databases that the home names for a source, see read_database.

    Returns rows by database and table.
    """
    references = home.read_config().databases
    return {
        name: read_database(home, source, name, references[name], tables)
        for name, tables in database_tables(contracts, source).items()
        if name in references
    }


def read_database(
    home: Home, source: str, name: str, reference: str, tables: Sequence[Table]
) -> dict[str, int]:
    """Bring what is new in `tables` into home's landing folder of the source; rows by table.

    reference: env:VARIABLE, which holds the SQLAlchemy URL. Raises ConfigurationError when the
    variable or a package is missing, and when the database or one of its tables cannot be read.
    """
    url = _url(name, reference)
    missing = [package for package in NEEDED if importlib.util.find_spec(package) is None]
    if missing:
        raise ConfigurationError(
            f"database {name}: {' and '.join(missing)} not installed; "
            'install what databases need: pip install -e ".[databases]"'
        )
    os.environ |= {name: home.environment()[name] for name in DLT_SETTINGS}
    import dlt
    import sqlalchemy
    from dlt.pipeline.exceptions import PipelineStepFailed

    pipeline = dlt.pipeline(
        f"{source}_{name}",
        destination=dlt.destinations.filesystem(bucket_url=home.delivered.as_uri()),
        dataset_name=source,
        pipelines_dir=str(home.dlt / "pipelines"),
    )
    try:
        engine = sqlalchemy.create_engine(url)
        resources = [_resource(engine, table) for table in tables]
        pipeline.run(resources, loader_file_format="parquet")
        engine.dispose()
    except (PipelineStepFailed, sqlalchemy.exc.SQLAlchemyError, ImportError) as error:
        raise ConfigurationError(
            f"database {name} cannot be read: {_cause(error, url)}; correct the URL in "
            f"{reference.removeprefix(REFERENCE)}, its rights or its tables "
            f"({', '.join(table.entity for table in tables)}), or take {name} out of config.yaml"
        ) from error
    trace: Any = pipeline.last_trace
    counts = trace.last_normalize_info.row_counts
    return {table.entity: int(counts.get(table.entity, 0)) for table in tables}


def _url(name: str, reference: str) -> str:
    variable = reference.removeprefix(REFERENCE)
    url = os.environ.get(variable)
    if not url:
        raise ConfigurationError(
            f"database {name}: the environment variable {variable} is not set; set it to the "
            f"database's URL (postgresql://user:password@host:5432/name), or take {name} out of "
            "config.yaml"
        )
    return url


def _resource(engine: Any, table: Table) -> Any:
    """One table, from where it was last read; rows without a cursor travel every time."""
    import dlt
    from dlt.sources.sql_database import sql_table

    new: Any = dlt.sources.incremental(
        table.cursor, lag=LATE_SECONDS, on_cursor_value_missing="include"
    )
    return sql_table(
        credentials=engine,
        table=table.entity,
        incremental=new,
        backend="pyarrow",
        chunk_size=CHUNK_ROWS,
        primary_key=list(table.key),
        write_disposition="append",
    )


def _cause(error: BaseException, url: str) -> str:
    """The first line of what went wrong in the end, without the URL."""
    while error.__cause__ is not None:
        error = error.__cause__
    line = (str(error).strip() or type(error).__name__).splitlines()[0]
    return line.replace(url, "the URL")
