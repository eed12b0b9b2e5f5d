"""The options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Folder of everything a run makes [default: .segmentry]."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
