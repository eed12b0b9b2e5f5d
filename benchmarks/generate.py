"""Orders and order lines of any size, written as Parquet in canonical form by DuckDB itself."""

import datetime
from pathlib import Path

import duckdb

LAST_DAY = datetime.date(2023, 12, 31)
ENTITIES = ("orders", "order_lines")


def write_orders(year: Path, last_day: Path, customers: int, orders: int, lines: int) -> None:
    """A year (2023) of `orders` orders by up to `customers` customers, `lines` lines, 5,000 goods.

    `year` is the landing folder of all but the last day, `last_day` that of the rest.

    Synthetic: customers differ in how often they buy (a squared uniform), goods in how often they
    are bought. Row counts are exact; ids are text, as the contracts want them.
    """
    for folder in (year / "products", *(p / e for p in (year, last_day) for e in ENTITIES)):
        folder.mkdir(parents=True, exist_ok=True)
    per_order = lines / orders
    with duckdb.connect() as connection:
        connection.execute("select setseed(0.42)")
        connection.execute(
            f"""
            create temp table all_orders as
                select 'O' || i as order_id,
                    'C' || cast(floor(power(hash(i) % 1000003 / 1000003.0, 2) * {customers})
                        as bigint) as source_customer_id,
                    timestamp '2023-01-01' + to_seconds(cast(hash(i + 7) % 31536000 as bigint))
                        as ordered_at,
                    cast(5 + hash(i + 13) % 9500 / 100.0 as decimal(18, 4)) as order_amount,
                    cast(hash(i + 17) % 300 / 100.0 as decimal(18, 4)) as discount_amount,
                    case when hash(i + 19) % 10 = 0 then 'SAVE' end as coupon_code
                from range({orders}) as t(i)
            """
        )
        connection.execute(
            f"""
            create temp table all_order_lines as
                select 'O' || cast(floor(i / {per_order}) as bigint) as order_id,
                    cast(i - ceil(floor(i / {per_order}) * {per_order}) + 1 as bigint)
                        as line_number,
                    'P' || cast(floor(power(hash(i + 23) % 1000003 / 1000003.0, 3) * 5000)
                        as bigint) as product_id,
                    cast(1 + hash(i + 29) % 3 as double) as quantity,
                    cast(1 + hash(i + 31) % 2000 / 100.0 as decimal(18, 4)) as line_amount,
                    cast(0 as decimal(18, 4)) as discount_amount
                from range({lines}) as t(i)
            """
        )
        later = f"order_id in (select order_id from all_orders where ordered_at >= '{LAST_DAY}')"
        for entity in ENTITIES:
            for landing, rows in ((year, f"not ({later})"), (last_day, later)):
                connection.execute(
                    f"copy (select * from all_{entity} where {rows}) "
                    f"to '{landing}/{entity}/{entity}.parquet' (format parquet)"
                )
        connection.execute(
            f"""
            copy (
                select 'P' || i as product_id, 'Good ' || i as product_name,
                    'Category ' || (i % 40) as category, 'Brand ' || (i % 97) as brand
                from range(5000) as t(i)
            ) to '{year}/products/products.parquet' (format parquet)
            """
        )
