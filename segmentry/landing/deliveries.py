"""Where each source's data lie, by the command line and by what the home remembers."""

import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path

from data_contracts.definitions.contract import Contracts, Source
from segmentry.home import ConfigurationError
from segmentry.landing.databases import database_tables
from segmentry.landing.files import LandingError


def package_folder(source: Source) -> Path:
    """The folder of a source's installed package, found without importing it.

    Raises LandingError, naming what to install, where the package is missing.
    """
    spec = importlib.util.find_spec(source.package)
    if spec is None or spec.origin is None:
        remedy = f'install it: pip install -e ".[{source.package_extra}]"'
        raise LandingError(source.package, "missing package", "not installed", remedy)
    return Path(spec.origin).parent / source.package_folder


def landing_folder(source: Source, configured: str | None) -> Path:
    """Where a source's files lie: as configured, else where its package keeps them."""
    if configured is not None:
        return Path(configured)
    if source.package:
        return package_folder(source)
    raise ConfigurationError(
        f"source {source.name}: name its folder with --landing {source.name}=DIR"
    )


def landing_folders(
    contracts: Contracts,
    sources: Sequence[str],
    landing: Sequence[str],
    remembered: Mapping[str, str | None],
) -> dict[str, Path | None]:
    """The folder of each source of this run; None where an installed package has it.

    landing: `NAME=DIR` for a source, or once a bare `DIR` for the single source that needs one.
    remembered: folders of earlier runs, for sources that `landing` does not name. Raises
    ConfigurationError.
    """
    named, bare = _split(sources, landing)
    without = [name for name in sources if name not in named and not contracts.source(name).package]
    if bare:
        named[_the_one(bare, without)] = Path(bare[0])
    for name in without:
        if name not in named and not remembered.get(name):
            raise ConfigurationError(
                f"--source {name} needs --landing DIR, the folder of its files"
                + (f"; of several: --landing {name}=DIR" if len(without) > 1 else "")
            )
        if name not in named:
            named[name] = Path(str(remembered[name]))
    return {name: named.get(name) for name in sources}


def _split(sources: Sequence[str], landing: Sequence[str]) -> tuple[dict[str, Path], list[str]]:
    """The folders that have a name before them, and those without one."""
    named: dict[str, Path] = {}
    bare = []
    for entry in landing:
        name, equals, folder = entry.partition("=")
        if not equals or (name not in sources and Path(entry).exists()):
            bare.append(entry)
        elif name not in sources:
            raise ConfigurationError(
                f"--landing {entry}: {name} is not among the sources of this run, "
                f"{', '.join(sources)}"
            )
        elif name in named:
            raise ConfigurationError(f"--landing {name}=DIR is given twice; give one folder")
        else:
            named[name] = Path(folder)
    return named, bare


def _the_one(bare: Sequence[str], without: Sequence[str]) -> str:
    """The source that a bare folder is meant for, of those without one."""
    if len(bare) == 1 and len(without) == 1:
        return without[0]
    options = " ".join(f"--landing {folder}" for folder in bare)
    if not without:
        raise ConfigurationError(f"{options}: no source of this run needs a folder")
    names = " ".join(f"--landing {name}=DIR" for name in without)
    raise ConfigurationError(f"{options}: say whose folder it is: {names}")


def database_urls(
    contracts: Contracts, sources: Sequence[str], databases: Sequence[str]
) -> dict[str, str]:
    """Databases of this run as `NAME=URL` or `NAME=env:VARIABLE`. Raises ConfigurationError."""
    contracted = sorted({n for source in sources for n in database_tables(contracts, source)})
    urls = {}
    for entry in databases:
        name, equals, url = entry.partition("=")
        if name not in contracted or not equals or not url:
            raise ConfigurationError(
                f"--database {name}: give NAME=env:VARIABLE or NAME=URL; "
                f"the contracts name for {', '.join(sources)}: {', '.join(contracted) or 'none'}"
            )
        urls[name] = url
    return urls
