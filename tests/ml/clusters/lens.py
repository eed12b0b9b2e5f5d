"""Lenses of the tests' shop."""

from __future__ import annotations

from data_contracts.definitions.lens import Lens, LensSpace

SPENDING = ("spend_91d_amount", "average_order_amount")
HABITS = ("orders_91d_count", "spend_91d_amount", "average_order_amount", "recency_days")


def make_lens(
    methods: tuple[str, ...] = ("kmeans", "gmm"),
    named: tuple[str, ...] = HABITS,
    by_family: tuple[str, ...] = (),
    name: str = "behaviour",
    least: int = 3,
    most: int = 6,
) -> Lens:
    """A lens of one space."""
    space = LensSpace("habits", by_family, named, methods)
    return Lens(name, "Who is alike?", (space,), least, most, 0.01, names_tell_level=True)
