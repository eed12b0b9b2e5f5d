"""A new candidate is one file in ml/estimators and one row of the registry, and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[3]

# Step 1: ml/estimators/middle.py.
ESTIMATOR = '''"""Always the median of the labels, on the scale of the kind."""

from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator

from ml.estimators.base import no_parts
from ml.frames import Floats, Matrix


class Middle(BaseEstimator):
    """The median."""

    type_name: ClassVar[str] = "middle"

    def fit(self, x: Matrix, y: Floats) -> "Middle":
        self.middle_ = float(np.median(y))
        return self

    def margin(self, x: Matrix) -> Floats:
        return np.full(len(x), self.middle_)

    def contributions(self, x: Matrix) -> Floats:
        parts = no_parts(x)
        parts[:, -1] = self.middle_
        return parts

    def to_dict(self) -> dict[str, Any]:
        return {"type": self.type_name, "middle": self.middle_}

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> "Middle":
        made = cls()
        made.middle_ = float(content["middle"])
        return made
'''
# Step 2: a row of CANDIDATES in ml/targets/candidates.py, and the import that it needs.
IMPORT = "from ml.estimators.middle import Middle\n"
ROW = '    "middle": Candidate(Middle, lambda problem: Middle()),\n'
REGISTRY = "CANDIDATES: dict[str, Candidate] = {\n"

# It competes in every backtest, has words, and can be stored and read back.
CHECK = """
import json
import ml.estimators.middle
from ml.targets.candidates import estimator_from_dict, fit_candidates
from data_contracts.wording.candidates import candidate_words
from tests.ml.shop import HISTORY_START, TRAINED_AS_OF, make_shop, make_target, train_target

shop = make_shop(customers=250)
for kind in ("probability", "amount"):
    target = make_target(kind, minimum_customers=50, minimum_positives=5, minimum_negatives=5)
    trained = train_target(shop.features, shop.labels, target, TRAINED_AS_OF, HISTORY_START)
    assert "middle" in set(trained.backtest.metrics["candidate"]), trained.reason
assert candidate_words("middle") == "middle"
labels = shop.labels["label"].dropna().to_numpy()
fitted = ml.estimators.middle.Middle().fit(labels[:, None], labels)
again = estimator_from_dict(json.loads(json.dumps(fitted.to_dict())))
assert again.middle_ == fitted.middle_
"""


def test_a_file_and_a_row_make_a_candidate(tmp_path: Path) -> None:
    for package in ("ml", "data_contracts", "tests"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(PROJECT / package, tmp_path / package, ignore=ignored)
    (tmp_path / "ml/estimators/middle.py").write_text(ESTIMATOR)
    registry = tmp_path / "ml/targets/candidates.py"
    text = registry.read_text()
    assert REGISTRY in text, "the registry of ml/targets/candidates.py is called otherwise"
    linear = "from ml.estimators.linear import"
    text = text.replace(linear, IMPORT + linear, 1).replace(REGISTRY, REGISTRY + ROW, 1)
    registry.write_text(text)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-c", CHECK],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
