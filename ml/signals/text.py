"""What a text says of its writer's mood: cleaning, script, and sentiment by VADER.

VADER (Hutto and Gilbert, ICWSM 2014) is a lexicon of English: a text in another language that is
written in Latin letters gets a score near 0, one without any Latin word none at all.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence

import pandas as pd
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

READ_CHARACTERS = 20_000
KEPT_CHARACTERS = 4_000

_HIDDEN = re.compile(r"<(script|style)\b[^>]*>.*?(</\1\s*>|\Z)|<!--.*?(-->|\Z)", re.I | re.S)
_TAG = re.compile(r"</?[a-z][^<>]*>", re.I)
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\S+", re.I)
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[a-z]{2,}", re.I)
_SCRIPTS = {
    "latin": re.compile(r"[A-Za-z\u00c0-\u024f]"),
    "greek": re.compile(r"[\u0370-\u03ff]"),
    "cyrillic": re.compile(r"[\u0400-\u052f]"),
    "hebrew": re.compile(r"[\u0590-\u05ff]"),
    "arabic": re.compile(r"[\u0600-\u06ff\u0750-\u077f]"),
    "devanagari": re.compile(r"[\u0900-\u097f]"),
    "thai": re.compile(r"[\u0e00-\u0e7f]"),
    "hangul": re.compile(r"[\u1100-\u11ff\uac00-\ud7af]"),
    "kana": re.compile(r"[\u3040-\u30ff]"),
    "han": re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]"),
}


def clean_text(text: str | None) -> str:
    """Plain words: no markup, control characters or addresses, one space between, NFKC.

    Of a huge text the first 20,000 characters are read and the first 4,000 clean ones kept: what
    moved the writer stands at the start, and the cost of one text stays bounded.
    """
    if not text:
        return ""
    text = text[:READ_CHARACTERS]
    if "<" in text:
        text = _TAG.sub(" ", _HIDDEN.sub(" ", text))
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if not text.isprintable():
        text = "".join(
            character if character.isprintable() or character in "\u200d\ufe0f" else " "
            for character in text
        )
    return _SPACE.sub(" ", _ADDRESS.sub(" ", text)).strip()[:KEPT_CHARACTERS]


def script_of(text: str) -> str:
    """The script most letters of a clean text are in; `none` without letters of a known one."""
    if text.isascii():
        return "latin" if _SCRIPTS["latin"].search(text) else "none"
    counts = {name: len(pattern.findall(text)) for name, pattern in _SCRIPTS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else "none"


class _LinearAnalyzer(SentimentIntensityAnalyzer):  # type: ignore[misc]
    """VADER looks at the neighbours of a word, but lower-cases the whole text for each: these two
    hand it the neighbours only. The scores are the same."""

    def _negation_check(self, valence: float, words: list[str], start_i: int, i: int) -> float:
        near = words[max(i - 3, 0) : i + 1]
        return float(super()._negation_check(valence, near, start_i, len(near) - 1))

    def _special_idioms_check(self, valence: float, words: list[str], i: int) -> float:
        first = max(i - 3, 0)
        return float(super()._special_idioms_check(valence, words[first : i + 3], i - first))


def score_sentiments(texts: Sequence[str]) -> pd.Series:
    """VADER's compound score of each clean text, -1 (angry) to 1 (happy).

    Null for a text without any Latin word. Equal texts are scored once.
    """
    analyzer = _LinearAnalyzer()
    scores = {
        text: analyzer.polarity_scores(text)["compound"] if _WORD.search(text) else None
        for text in dict.fromkeys(texts)
    }
    return pd.Series([scores[text] for text in texts], dtype="Float64")


def describe_texts(texts: Sequence[str | None]) -> pd.DataFrame:
    """One row per raw text: text (clean), script, sentiment."""
    cleaned = {text: clean_text(text) for text in dict.fromkeys(texts)}
    clean = [cleaned[text] for text in texts]
    return pd.DataFrame(
        {
            "text": clean,
            "script": [script_of(text) for text in clean],
            "sentiment": score_sentiments(clean),
        }
    )
