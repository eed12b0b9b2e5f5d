"""Homes that are built once per session by the command a user types, and a browser."""

import atexit
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.worlds import write_shop

if TYPE_CHECKING:
    from playwright.sync_api import Browser

COMMAND = [str(Path(sys.executable).with_name("segmentry"))]
DEMO_AS_OF = "2017-12-30"
ENDED = pytest.StashKey[int]()
# No sandbox inside a container; and nothing that a browser does by itself over the network.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# Homes that many tests read: the tests of one run in one process, the longest first.
HOMES = ("shop_home", "demo_home", "omnishop_landing")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where tests run side by side, what shares a home or a file stays together."""

    def home_of(item: pytest.Item) -> str | None:
        return next((name for name in HOMES if name in getattr(item, "fixturenames", ())), None)

    for item in items:
        item.add_marker(pytest.mark.xdist_group(home_of(item) or str(item.path)))
    items.sort(key=lambda item: HOMES.index(home) if (home := home_of(item)) else len(HOMES))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[ENDED] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave without teardown, as the command does: DuckDB would print a page of leaks."""
    if ENDED in config.stash and not hasattr(config, "workerinput"):
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.stash[ENDED])


def segmentry(*arguments: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user would; on another exit code show what it printed."""
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == expect, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo: a real retailer's year."""
    home = tmp_path_factory.mktemp("demo") / "home"
    segmentry("run", "--source", "complete_journey", "--as-of", DEMO_AS_OF, "--home", str(home))
    return home


@pytest.fixture(scope="session")
def shop_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small shop that delivers nothing but orders, in the four required columns and one more."""
    folder = tmp_path_factory.mktemp("shop")
    landing = write_shop(folder / "landing")
    segmentry(
        "run", "--source", "standard", "--landing", str(landing), "--home", str(folder / "home")
    )
    return folder / "home"


@pytest.fixture(scope="session")
def omnishop_landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exports of a synthetic shop of every channel."""
    folder = tmp_path_factory.mktemp("omnishop") / "landing"
    size = ("--customers", "1000", "--days", "400", "--seed", "7")
    segmentry("simulate", *size, "--out", str(folder))
    return folder


@pytest.fixture(scope="session")
def omnishop_home(omnishop_landing: Path) -> Path:
    """That shop, from landing to report."""
    home = omnishop_landing.parent / "home"
    segmentry(
        "run", "--source", "omnishop", "--landing", str(omnishop_landing), "--home", str(home)
    )
    return home


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """Debian's Chromium; a missing one skips the test, except where CI=true."""
    executable = shutil.which("chromium")
    if executable is None:
        message = "chromium is not installed (Debian: apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield chromium
        chromium.close()
