"""make bench: a million customers scored with reasons, in Arrow batches, beside a bare predict.

Bare predict is LightGBM's own, of the same trees on the same matrix, all of it in memory at once.
Ours reads the customers from DuckDB in batches, scores them, explains them and writes the rows
back. Everything is measured in this one run.
"""

import argparse
import datetime
import resource
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from data_contracts.wording.reasons import themes_of
from ml.frames import KEYS, Floats, Matrix
from ml.monitoring.profile import TrainingProfile
from ml.targets.calibration import Calibration
from ml.targets.candidates import BLEND, TREES, fit_candidates
from ml.targets.model import FittedModel, reference_scores
from ml.targets.reasons import total
from ml.targets.scoring import Scorer, arrow_matrix
from segmentry.models.targets.scoring import BATCH_ROWS
from segmentry.project.vocabulary import feature_columns

CUSTOMERS = 1_000_000
LEARNED = 100_000
COMPARED = 2_000
MEGABYTE = 1e6
AS_OF = datetime.date(2024, 1, 1)


@dataclass(frozen=True)
class Scored:
    """Seconds of scoring alone, seconds with reading and writing, bytes above the start."""

    seconds: float
    whole: float
    memory: float


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--features", type=int, nargs="+", default=[60, 300])
    options = parser.parse_args()
    table = Table(
        title=f"Scoring {options.customers:,} customers for one target", title_justify="left"
    )
    for name in ("features", "model", "bare predict s", "with reasons s", "ratio"):
        table.add_column(name, justify="left" if name == "model" else "right")
    for name in ("read and written s", "peak MB more", "same top 3 as SHAP"):
        table.add_column(name, justify="right")
    for count in options.features:
        for row in measure_features(options.customers, count):
            table.add_row(*row)
    console = Console(highlight=False, width=120)
    console.print(table)
    console.print(
        "Reasons are exact TreeSHAP, by table (ml/estimators/tree_shap.py); a regression's are "
        "weight times the distance from the mean, which is its SHAP value where features are "
        "independent."
    )


def measure_features(customers: int, count: int) -> list[list[str]]:
    """One row for LightGBM alone and one for the blend with the regression."""
    features = tuple(list(feature_columns_known())[:count])
    learned, y = make_customers(LEARNED, count, seed=0)
    fitted = fit_candidates("probability", features, learned, y)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "bench.duckdb"
        write_customers(database, features, customers)
        bare = bare_predict(fitted[TREES], customers, count)
        for name in (TREES, BLEND):
            model = as_model(name, features, fitted[name], learned)
            scored = score_all(database, model)
            same = same_top(model, learned[:COMPARED]) if name == TREES else float("nan")
            rows.append(
                [
                    str(count),
                    "LightGBM" if name == TREES else "blend with the regression",
                    f"{bare:.1f}",
                    f"{scored.seconds:.1f}",
                    f"{scored.seconds / bare:.2f}",
                    f"{scored.whole:.1f}",
                    f"{scored.memory / MEGABYTE:,.0f}",
                    "-" if np.isnan(same) else f"{same:.1%}",
                ]
            )
    return rows


def feature_columns_known() -> list[str]:
    """The numeric features of the mart, so that themes are those of real reasons."""
    return [name for name, kind in feature_columns().items() if kind == "double"]


def make_customers(rows: int, count: int, seed: int) -> tuple[Matrix, Floats]:
    """Skewed columns with a tenth unknown, and labels that depend on a few of them."""
    random = np.random.default_rng(seed)
    x = random.gamma(1.0, 20.0, (rows, count)).astype(np.float32)
    signal = np.log1p(x[:, : min(10, count)]).sum(axis=1)
    y = (signal + random.normal(0, 2, rows) > np.median(signal)).astype(float)
    x[random.random(x.shape, dtype=np.float32) < 0.1] = np.nan
    return x, y


def write_customers(database: Path, features: tuple[str, ...], customers: int) -> None:
    """The mart at one date, in chunks."""
    with duckdb.connect(str(database)) as connection:
        columns = ", ".join(f"{name} double" for name in features)
        connection.execute(f"create table mart (customer_id varchar, as_of_date date, {columns})")
        for start in range(0, customers, LEARNED):
            size = min(LEARNED, customers - start)
            x, _ = make_customers(size, len(features), seed=start + 1)
            names = [f"c{number:011d}" for number in range(start, start + size)]
            chunk = {"customer_id": names, "as_of_date": [AS_OF] * size}
            chunk |= {
                name: pa.array(column.astype(np.float64), from_pandas=True)
                for name, column in zip(features, x.T, strict=True)
            }
            connection.register("chunk", pa.table(chunk))
            connection.execute("insert into mart select * from chunk")
            connection.unregister("chunk")


def bare_predict(trees: object, customers: int, count: int) -> float:
    """Seconds of LightGBM's predict with its own number of threads, the best of two."""
    x = np.concatenate(
        [
            make_customers(min(LEARNED, customers - start), count, seed=start + 1)[0]
            for start in range(0, customers, LEARNED)
        ]
    )
    seconds = []
    for _ in range(2):
        began = time.perf_counter()
        trees.booster_.predict(x, raw_score=True)  # type: ignore[attr-defined]
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def as_model(name: str, features: tuple[str, ...], estimator: object, x: Matrix) -> FittedModel:
    """The estimator as a model that can be asked."""
    score = total(estimator.contributions(x[:COMPARED]))  # type: ignore[attr-defined]
    return FittedModel(
        target="bench",
        kind="probability",
        candidate=name,
        features=features,
        estimator=estimator,  # type: ignore[arg-type]
        calibration=Calibration("probability"),
        reference=reference_scores(score),
        trained_as_of=AS_OF,
        training_origins=(AS_OF,),
        training_rows=len(x),
        profile=TrainingProfile(len(x), len(x), 0.5, 0.25, 0.5, "", ()),
    )


def score_all(database: Path, model: FittedModel) -> Scored:
    """Read, score, explain and write every customer, batch by batch."""
    scorer = Scorer(model, "bench-1", themes_of(model.features))
    with duckdb.connect(str(database)) as connection:
        connection.execute("drop table if exists scores")
        scorer.model.estimator.contributions(np.zeros((1, len(model.features)), np.float32))
        start = peak_memory(reset=True)
        seconds, began = 0.0, time.perf_counter()
        for batch in connection.cursor().sql("select * from mart").to_arrow_reader(BATCH_ROWS):
            table = pa.Table.from_batches([batch])
            clock = time.perf_counter()
            columns = dict(zip(table.column_names, table.columns, strict=True))
            rows = scorer.score(table.select(KEYS), arrow_matrix(columns, model.features))
            seconds += time.perf_counter() - clock
            connection.register("scored", rows)
            connection.execute("create table if not exists scores as from scored limit 0")
            connection.execute("insert into scores select * from scored")
            connection.unregister("scored")
        whole = time.perf_counter() - began
        return Scored(seconds, whole, peak_memory() - start)


def peak_memory(reset: bool = False) -> float:
    """The largest resident memory of this process in bytes, since the last reset (on Linux)."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status")
    if not status.exists():
        return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * 1024
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return float(line.split()[1]) * 1024


def same_top(model: FittedModel, x: Matrix) -> float:
    """How often our three largest features are those of LightGBM's own exact TreeSHAP."""
    exact = model.estimator.booster_.predict(x, pred_contrib=True)  # type: ignore[attr-defined]
    ours = model.estimator.contributions(x)
    tops = [np.sort(np.argsort(-np.abs(p[:, :-1]), axis=1)[:, :3], axis=1) for p in (ours, exact)]
    return float((tops[0] == tops[1]).all(axis=1).mean())


if __name__ == "__main__":
    main()
