"""Next products at D: the version in force ranks for everybody in the mart; nothing is fitted.

Everything is done at D alone and in batches of customers, so that memory is that of a batch.
"""

import datetime
from collections.abc import Iterator

import duckdb
import pandas as pd
import pyarrow as pa

from data_contracts.definitions.contract import Table
from ml.next_products.model import LevelModel
from ml.next_products.rankers import recommend
from ml.next_products.visitors import recommend_visitors
from segmentry.models.next_products.history import Reader, open_date
from segmentry.models.registry import Champion, champion_at
from segmentry.models.targets.scoring import why_none
from segmentry.project.vocabulary import NEXT_PRODUCTS, digest_for
from segmentry.warehouse.door import Warehouse
from segmentry.warehouse.tables import insert_batch

BATCH_CUSTOMERS = 2000
# One date has up to forty rows per customer; older ones than this go.
KEPT_DAYS = 35


def rank_next_products(warehouse: Warehouse, table: Table, as_of: datetime.date) -> tuple[int, str]:
    """Rank at `as_of` by the version in force; without one nothing is written or taken away.

    Returns the rows written, and why there are none ('' where there is a version).
    """
    champion = champion_at(warehouse, NEXT_PRODUCTS, as_of, digest_for(NEXT_PRODUCTS))
    if champion is None:
        return 0, why_none(warehouse, NEXT_PRODUCTS, as_of)
    with warehouse.connect() as connection:
        return write_affinity(connection, table, as_of, champion), ""


def write_affinity(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    as_of: datetime.date,
    champion: Champion,
) -> int:
    """Rank and write what everybody is likeliest to buy next at `as_of`; returns the rows.

    Dates older than KEPT_DAYS go. Raises ArtefactError when the champion's artefact is another.
    """
    model, version = champion.affinity_model(), champion.model_version
    reader = open_date(connection, as_of)
    oldest = as_of - datetime.timedelta(days=KEPT_DAYS)
    written = 0
    connection.execute("begin")
    connection.execute(
        f"delete from {table.full_name} where as_of_date = ? or as_of_date < ?", [as_of, oldest]
    )
    for name, level_model in model.levels.items():
        for found in _batches(reader, name, level_model):
            rows = found.assign(as_of_date=as_of, model_version=version)
            insert_batch(connection, table, pa.Table.from_pandas(rows, preserve_index=False))
            written += len(rows)
    connection.execute("commit")
    return written


def _batches(reader: Reader, name: str, model: LevelModel) -> Iterator[pd.DataFrame]:
    """Rows of models.product_affinity but for date and version, some customers at a time."""
    items = reader.items(name)
    knowledge = model.knowledge(reader.learning(name), items["name"].tolist(), reader.day)
    buyers, viewers = reader.buyer_count, reader.buyer_count + reader.viewer_count
    for first, end, basis in (
        (0, buyers, "purchases"),
        (buyers, viewers, "views"),
        (viewers, reader.customer_count, "popularity"),
    ):
        for start in range(first, end, BATCH_CUSTOMERS):
            stop = min(start + BATCH_CUSTOMERS, end)
            level = reader.level(name, start, stop)
            if basis == "purchases":
                found = recommend(model.rankers, knowledge, level)
            else:
                found = recommend_visitors(knowledge, level.viewed)
            named = items.loc[found["item"], ["product_id", "category"]].reset_index(drop=True)
            ids = reader.customer_ids(start, stop).to_numpy()
            yield found.assign(
                customer_id=ids[found["customer"]],
                item_level=name,
                basis=basis,
                product_id=named["product_id"],
                category=named["category"],
            ).drop(columns=["customer", "item"])
