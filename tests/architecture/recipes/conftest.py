"""A copy for each test, and one in which every recipe was taken and dbt has compiled the SQL."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from dbt.cli.main import dbtRunner

from segmentry.home import Home
from tests.architecture.recipes import steps
from tests.architecture.recipes.tree import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree.copied_to(tmp_path / "project")


@dataclass(frozen=True)
class Compiled:
    """A tree and the SQL that dbt made of it."""

    tree: Tree
    home: Home

    def sql(self, model: str) -> str:
        """The compiled SQL of one model."""
        folder = self.home.dbt / "target" / "compiled"
        return next(folder.rglob(f"{model}.sql")).read_text()


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compiled]:
    folder = tmp_path_factory.mktemp("recipes")
    tree, home = Tree.copied_to(folder / "project"), Home(folder / "home")
    for step in (steps.CONTRACT, steps.WORDS, steps.VIEW, steps.FEATURE_WORDS, steps.TARGET):
        tree.write(step)
    for step in (steps.FEATURE_LINE, steps.FEATURE_SUM, steps.FEATURE_COLUMN):
        tree.insert(step)
    tree.sync()
    home.create()
    models = ["path:models/features/families", "customer_features", "customer_360"]
    models += ["stg_tills__orders", "stg_all__orders"]
    folders = ["--project-dir", str(tree.sql), "--profiles-dir", str(tree.sql)]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in home.environment().items():
            patch.setenv(name, value)
        done = dbtRunner().invoke(["--quiet", "compile", "--select", *models, *folders])
        assert done.success, done.exception
        yield Compiled(tree, home)
