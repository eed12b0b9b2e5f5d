"""The ops tables of the synthetic serving database: settings, ledger, checks, runs."""

import pandas as pd

FILES = [
    ("transactions", 1469307, 0),
    ("products", 92331, 0),
    ("demographics", 801, 0),
    ("campaigns", 6589, 0),
    ("campaign_descriptions", 27, 0),
    ("coupons", 116204, 3),
    ("coupon_redemptions", 2102, 11),
]
CHECKS = {
    "raw": 41,
    "staging": 58,
    "identity": 12,
    "core": 66,
    "features": 74,
    "models": 39,
    "segments": 31,
}


def ops_tables(newest: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """Frames of the ops schema at one run."""
    return {
        "ops.settings": pd.DataFrame(
            {"setting_name": ["reporting_currency"], "setting_value": ["USD"]}
        ),
        "ops.loaded_files": _loaded_files(newest),
        "ops.data_quality_results": _checks(newest),
        "ops.pipeline_runs": _runs(newest),
    }


def _loaded_files(newest: pd.Timestamp) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "source": "complete_journey",
                "table_name": table,
                "file": f"{table}.parquet",
                "digest": f"{n:064x}",
                "byte_count": rows * 23,
                "row_count": rows,
                "landed_count": rows - bad,
                "duplicate_count": 0,
                "changed_count": 0,
                "quarantined_count": bad,
                "loaded_at": newest + pd.Timedelta(hours=5),
            }
            for n, (table, rows, bad) in enumerate(FILES)
        ]
    )


def _checks(newest: pd.Timestamp) -> pd.DataFrame:
    rows = []
    for stage, count in CHECKS.items():
        for n in range(count):
            failed = (stage, n) in {("core", 4), ("raw", 7), ("features", 9)}
            rows.append(
                {
                    "run_id": "run-1",
                    "checked_at": newest + pd.Timedelta(hours=6),
                    "stage": stage,
                    "table_name": f"{stage}.table_{n % 6}",
                    "check_name": "expect_column_values_to_be_between" if n % 2 else "not_null",
                    "column_name": f"column_{n}",
                    "engine": "gx" if n % 2 else "dbt",
                    "severity": "error" if (stage, n) == ("core", 4) else "warn",
                    "passed": not failed,
                    "observed_value": "min -3.0" if failed else "",
                    "failed_count": 17 if failed else 0,
                }
            )
    return pd.DataFrame(rows)


def _runs(newest: pd.Timestamp) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "run_id": "run-1",
                "stage": stage,
                "step": stage,
                "row_count": 1000,
                "seconds": 4.2,
                "started_at": newest + pd.Timedelta(hours=5),
                "status": "success",
            }
            for stage in CHECKS
        ]
    )
