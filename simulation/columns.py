"""Arrow columns made from NumPy, many values at a time: text, ids, times."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Texts: TypeAlias = pa.Array

DAY = 86_400
HEX = np.frombuffer(b"".join(b"%02x" % byte for byte in range(256)), np.uint16)
CLOCK = np.array([f"T{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}" for s in range(DAY)], "S9")


def choose(values: Sequence[str | None], index: npt.ArrayLike) -> Texts:
    """values[index] as dictionary-encoded text; None and an index below 0 are null."""
    at = np.asarray(index, np.int32)
    absent = [place for place, value in enumerate(values) if value is None]
    if absent:
        at = np.where(np.isin(at, absent), -1, at).astype(np.int32)
        values = [value or "" for value in values]
    indices = pa.array(at, mask=at < 0) if (at < 0).any() else pa.array(at)
    return pa.DictionaryArray.from_arrays(indices, pa.array(values, pa.string()))


def plain(texts: Texts) -> pa.StringArray:
    """Dictionary-encoded text as plain text."""
    return texts.cast(pa.string()) if pa.types.is_dictionary(texts.type) else texts


def join(*parts: Texts | str) -> pa.StringArray:
    """Text glued together row by row; null where any part is."""
    return pc.binary_join_element_wise(*(p if isinstance(p, str) else plain(p) for p in parts), "")


def digits(numbers: npt.ArrayLike, width: int = 0) -> pa.StringArray:
    """Whole numbers as text, padded with zeros to `width`."""
    texts = pa.array(np.asarray(numbers, np.int64)).cast(pa.string())
    return pc.utf8_lpad(texts, width, "0") if width else texts


def blank(where: npt.ArrayLike, values: pa.Array) -> pa.Array:
    """The values, null where `where` is true."""
    return pc.if_else(pa.array(np.asarray(where)), pa.scalar(None, values.type), values)


def either(where: npt.ArrayLike, yes: Texts | str, no: Texts) -> pa.StringArray:
    """`yes` where `where` is true, else `no`."""
    chosen = pa.scalar(yes) if isinstance(yes, str) else plain(yes)
    return pc.if_else(pa.array(np.asarray(where)), chosen, plain(no))


def nothing(rows: int) -> pa.Array:
    """A column of text without a value."""
    return pa.nulls(rows, pa.string())


def times(seconds: npt.ArrayLike, missing: npt.ArrayLike | None = None) -> pa.Array:
    """Seconds since 1970 (UTC) as timestamps; null where `missing`."""
    micros = np.asarray(seconds, np.int64) * 1_000_000
    mask = None if missing is None else np.asarray(missing)
    return pa.array(micros, mask=mask).cast(pa.timestamp("us"))


def dates(days: npt.ArrayLike, missing: npt.ArrayLike | None = None) -> pa.Array:
    """Days since 1970 as dates; null where `missing`."""
    mask = None if missing is None else np.asarray(missing)
    return pa.array(np.asarray(days, np.int32), mask=mask).cast(pa.date32())


def money(amounts: npt.ArrayLike) -> pa.Array:
    """Amounts as text with two decimals, the way Shopify writes them."""
    cents = np.rint(np.asarray(amounts, np.float64) * 100).astype(np.int64)
    sign = choose(["", "-"], (cents < 0).astype(np.int32))
    return join(sign, digits(np.abs(cents) // 100), ".", digits(np.abs(cents) % 100, 2))


def fixed(matrix: npt.NDArray[np.uint8]) -> pa.StringArray:
    """Rows of ASCII codes, all of one width, as text."""
    rows, width = matrix.shape
    ends = np.arange(rows + 1, dtype=np.int32) * width
    data = np.ascontiguousarray(matrix)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(ends), pa.py_buffer(data))


def berlin_offset(seconds: Ints) -> Ints:
    """Hours that Berlin is ahead of UTC: summer time from the last Sunday of March to October's."""
    stamps = seconds.astype("datetime64[s]")
    years = stamps.astype("datetime64[Y]")

    def last_sunday(month: int) -> npt.NDArray[np.int64]:
        last = (years.astype("datetime64[M]") + month).astype("datetime64[D]").astype(np.int64) - 1
        return (last - (last - 3) % 7) * DAY + 3600  # 1970-01-04, day 3, was a Sunday

    return np.where((seconds >= last_sunday(3)) & (seconds < last_sunday(10)), 2, 1)


def iso_times(seconds: Ints, missing: npt.ArrayLike | None = None) -> Texts:
    """Seconds since 1970 as text in Berlin's time with its offset: 2023-05-01T10:00:00+02:00."""
    if not len(seconds):
        return nothing(0)
    offset = berlin_offset(seconds)
    local = seconds + offset * 3600
    day, second = local // DAY, local % DAY
    first = int(day.min())
    names = np.datetime_as_string(np.arange(first, day.max() + 1).astype("datetime64[D]"))
    matrix = np.empty((len(seconds), 25), np.uint8)
    matrix[:, :10] = names.astype("S10").view(np.uint8).reshape(-1, 10)[day - first]
    matrix[:, 10:19] = CLOCK.view(np.uint8).reshape(-1, 9)[second]
    matrix[:, 19:] = np.frombuffer(b"+00:00", np.uint8)
    matrix[:, 21] += offset.astype(np.uint8)
    texts = fixed(matrix)
    return texts if missing is None else blank(missing, texts)


def mixed(numbers: npt.ArrayLike, salt: int) -> npt.NDArray[np.uint64]:
    """A scrambled 64-bit number for each, never the same for two (SplitMix64's finaliser)."""
    with np.errstate(over="ignore"):
        x = np.asarray(numbers).astype(np.uint64) + np.uint64(salt) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


def hex_matrix(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint8]:
    """ASCII codes (n, 16) of 64-bit numbers in hexadecimal."""
    octets = numbers.astype(">u8").view(np.uint8)
    return HEX[octets].view(np.uint8).reshape(-1, 16)


def hex_ids(numbers: npt.ArrayLike, salt: int, prefix: str = "") -> pa.StringArray:
    """Ids of `prefix` and 16 hexadecimal digits, one for each number."""
    body = hex_matrix(mixed(numbers, salt))
    head = np.broadcast_to(np.frombuffer(prefix.encode(), np.uint8), (len(body), len(prefix)))
    return fixed(np.concatenate([head, body], axis=1))


def uuids(numbers: npt.ArrayLike, salt: int) -> pa.StringArray:
    """Version 4 UUIDs, one for each number."""
    high, low = hex_matrix(mixed(numbers, salt)), hex_matrix(mixed(numbers, salt + 1))
    matrix = np.full((len(high), 36), ord("-"), np.uint8)
    for start, source, at, width in (
        (0, high, 0, 8), (9, high, 8, 4), (14, high, 12, 4), (19, low, 0, 4), (24, low, 4, 12),
    ):  # fmt: skip
        matrix[:, start : start + width] = source[:, at : at + width]
    matrix[:, 14], matrix[:, 19] = ord("4"), ord("a")
    return fixed(matrix)


def misspelt(texts: Texts, rng: np.random.Generator) -> pa.StringArray:
    """Every text with one slip: a letter left out, doubled or hit wrongly, after the first."""
    result = plain(texts)
    at = rng.integers(1, 5, len(result))
    slip = rng.integers(0, 3, len(result))
    for position in range(1, 5):
        letter = pc.utf8_slice_codeunits(result, position, position + 1)
        tail = pc.utf8_slice_codeunits(result, position + 1)
        head = pc.utf8_slice_codeunits(result, 0, position)
        for kind, middle in enumerate(("", join(letter, letter), "e")):
            result = either((at == position) & (slip == kind), join(head, middle, tail), result)
    return result
