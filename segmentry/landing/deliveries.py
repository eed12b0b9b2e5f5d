"""Where each source's data come from, by the command line and by what the home remembers."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from data_contracts.definitions.contract import Contracts
from segmentry.home import ConfigurationError
from segmentry.landing.databases import database_tables
from segmentry.landing.source import complete_journey_folder

INSTALLED = {"complete_journey": complete_journey_folder}


def landing_folder(source: str, configured: str | None) -> Path:
    """Where a source's files lie: as configured, else where its demo package keeps them."""
    if configured is not None:
        return Path(configured)
    if source in INSTALLED:
        return INSTALLED[source]()
    raise ConfigurationError(f"source {source}: name its folder with --landing {source}=DIR")


def landing_folders(
    sources: Sequence[str], landing: Sequence[str], remembered: Mapping[str, str | None]
) -> dict[str, Path | None]:
    """The folder of each source of this run; None where the demo package has it.

    landing: `NAME=DIR` for a source, or once a bare `DIR` for the single source that needs one.
    remembered: folders of earlier runs, used where nothing is said. Raises ConfigurationError.
    """
    named: dict[str, Path] = {}
    bare = []
    for given in landing:
        name, equals, folder = given.partition("=")
        if not equals or (name not in sources and Path(given).exists()):
            bare.append(given)
        elif name not in sources:
            raise ConfigurationError(
                f"--landing {given}: {name} is not among the sources of this run, "
                f"{', '.join(sources)}"
            )
        elif name in named:
            raise ConfigurationError(f"--landing {name}=DIR is given twice; give one folder")
        else:
            named[name] = Path(folder)
    open_sources = [name for name in sources if name not in named and name not in INSTALLED]
    if bare:
        named[_the_one(bare, open_sources)] = Path(bare[0])
    for name in open_sources:
        if name not in named and not remembered.get(name):
            raise ConfigurationError(
                f"--source {name} needs --landing DIR, the folder of its files"
                + (f"; of several: --landing {name}=DIR" if len(open_sources) > 1 else "")
            )
        if name not in named:
            named[name] = Path(str(remembered[name]))
    return {name: named.get(name) for name in sources}


def _the_one(bare: Sequence[str], open_sources: Sequence[str]) -> str:
    """The source that a bare folder is meant for."""
    if len(bare) == 1 and len(open_sources) == 1:
        return open_sources[0]
    given = " ".join(f"--landing {folder}" for folder in bare)
    if not open_sources:
        raise ConfigurationError(f"{given}: no source of this run needs a folder")
    names = " ".join(f"--landing {name}=DIR" for name in open_sources)
    raise ConfigurationError(f"{given}: say whose folder it is: {names}")


def database_urls(
    contracts: Contracts, sources: Sequence[str], given: Sequence[str]
) -> dict[str, str]:
    """Databases of this run as `NAME=URL` or `NAME=env:VARIABLE`. Raises ConfigurationError."""
    known = sorted({name for source in sources for name in database_tables(contracts, source)})
    urls = {}
    for entry in given:
        name, equals, url = entry.partition("=")
        if name not in known or not equals or not url:
            raise ConfigurationError(
                f"--database {name}: give NAME=env:VARIABLE or NAME=URL; "
                f"known in {', '.join(sources)}: {', '.join(known) or 'none'}"
            )
        urls[name] = url
    return urls
