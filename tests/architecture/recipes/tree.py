"""A copy of the project's contracts and SQL, in which recipes are taken."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from data_contracts.compiler.loading import load_contracts
from data_contracts.compiler.to_dbt import out_of_step, sync
from data_contracts.definitions.contract import Contracts
from data_contracts.definitions.pairs import spoken_features
from data_contracts.wording.phrases import check_phrases
from segmentry.home import PROJECT


@dataclass(frozen=True)
class Tree:
    """The copied files below `root`."""

    root: Path

    @classmethod
    def copied_to(cls, root: Path) -> "Tree":
        """Copy what contracts and SQL say; Python stays where it is."""
        for name in ("data_contracts", "dbt_project"):
            ignored = shutil.ignore_patterns("*.py", "__pycache__", "target", "logs")
            shutil.copytree(PROJECT / name, root / name, ignore=ignored)
        return cls(root)

    @property
    def sql(self) -> Path:
        """The dbt project."""
        return self.root / "dbt_project"

    def contracts(self) -> Contracts:
        """The contracts as the files say them now. Raises ContractError."""
        load_contracts.cache_clear()
        try:
            return load_contracts(self.root / "data_contracts")
        finally:
            load_contracts.cache_clear()

    def write(self, step: tuple[str, str]) -> None:
        """Add a file, its path from the project on, or append to one that is there."""
        path, text = step
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text((file.read_text() if file.exists() else "") + text)

    def insert(self, step: tuple[str, str, str]) -> None:
        """Put text before the first line that has a mark in it."""
        path, mark, text = step
        lines = (self.root / path).read_text().splitlines(keepends=True)
        line = next(number for number, content in enumerate(lines) if mark in content)
        (self.root / path).write_text("".join([*lines[:line], text, *lines[line:]]))

    def sync(self) -> list[str]:
        """`segmentry contracts sync`; the files that it wrote, from the dbt project on."""
        return [str(p.relative_to(self.sql)) for p in sync(self.contracts(), self.sql)]

    def check(self) -> None:
        """What `segmentry check` asks of contracts. Raises ContractError."""
        contracts = self.contracts()
        stale = out_of_step(contracts, self.sql)
        assert not stale, f"run segmentry contracts sync: {stale}"
        self.check_phrases()

    def check_phrases(self) -> None:
        """The phrases fit the features, as `segmentry check` sees to."""
        features = spoken_features(self.contracts())
        check_phrases(features, self.root / "data_contracts" / "phrases.yaml")
