"""Whole-process time and peak memory of a command, by the phase it announces on stderr."""

import os
import re
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Phase:
    """One announced part of a command: seconds, and the largest resident memory in bytes."""

    name: str
    started: float
    seconds: float = 0.0
    peak: int = 0


@dataclass
class Measured:
    """A command that has ended."""

    seconds: float
    peak: int
    code: int
    phases: list[Phase] = field(default_factory=list)
    stderr: str = ""


def resident(pid: int) -> int:
    """Resident bytes of a process and all its children, 0 when it is gone."""
    total = 0
    try:
        with open(f"/proc/{pid}/statm") as file:
            total = int(file.read().split()[1]) * PAGE
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            children = [int(child) for child in file.read().split()]
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return total
    return total + sum(resident(child) for child in children)


def measure(command: list[str], environment: Mapping[str, str] | None = None) -> Measured:
    """Run a command, watching memory ten times a second; phases are lines that end in `...`."""
    began = time.monotonic()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env={**os.environ, **(environment or {})},
    )  # fmt: skip
    result = Measured(0.0, 0, 0, [Phase("start", began)])

    def follow() -> None:
        assert process.stderr is not None
        for line in process.stderr:
            result.stderr += line
            if line.rstrip().endswith("..."):
                name = re.sub(r"\s*\.\.\.$", "", line.strip())
                result.phases.append(Phase(name, time.monotonic()))

    reader = threading.Thread(target=follow)
    reader.start()
    while process.poll() is None:
        now = resident(process.pid)
        phase = result.phases[-1]
        phase.peak = max(phase.peak, now)
        result.peak = max(result.peak, now)
        time.sleep(0.1)
    reader.join()
    ended = time.monotonic()
    for phase, following in zip(result.phases, [*result.phases[1:], Phase("", ended)], strict=True):
        phase.seconds = following.started - phase.started
    result.seconds, result.code = ended - began, process.returncode
    return result
