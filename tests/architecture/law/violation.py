"""What breaks a rule, as its list of exceptions and its message name it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.tree import Source


@dataclass(frozen=True)
class Violation:
    """What breaks a rule. key: how the list of exceptions names it, without a line number."""

    key: str
    where: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.remedy}"


Rule = Callable[[Path], Iterator[Violation]]


def broken(source: Source, line: int, what: str, remedy: str) -> Violation:
    """A violation in a file; its key says the file and what, so that lines may move."""
    return Violation(f"{source.path} {what}", f"{source.path}:{line}", f"{what}: {remedy}")
