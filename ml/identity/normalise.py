"""Spellings of identifiers -> the value they stand for, and whether it names anybody.

An e-mail or a phone means the same person in every source; other identifiers only within theirs.
Work is done once for each distinct spelling.
"""

from collections.abc import Mapping

import pandas as pd
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.definitions.identity_rules import Rules

ANY_SOURCE = "any"
GLOBAL_TYPES = ("email", "phone")
E164 = r"^\+[1-9][0-9]{7,14}$"


def normalise(
    identifier_type: str, spellings: pa.Array, regions: Mapping[str, str], rules: Rules
) -> tuple[pa.Array, pa.Array]:
    """Values and a mask of the blocked ones, one for each spelling; no spelling is null.

    regions: spelling of a phone number -> country code of the row that first gave it.
    """
    trimmed = pc.utf8_trim_whitespace(spellings)
    blocked = is_blocked(identifier_type, trimmed, rules)
    if identifier_type == "email":
        return _emails(trimmed, rules), blocked
    if identifier_type == "phone":
        values = _phones(trimmed, spellings, regions, rules.default_region)
        return values, pc.or_(blocked, is_blocked(identifier_type, values, rules))
    return trimmed, blocked


def is_blocked(identifier_type: str, values: pa.Array, rules: Rules) -> pa.Array:
    """Which values name nobody: listed ones, and those that match a pattern as a whole.

    An id of one system among several of a source, as `shop:0`, is judged without the system.
    """
    lowered = pc.utf8_lower(values)
    if identifier_type == "source_customer_id":
        lowered = pc.replace_substring_regex(lowered, r"^[a-z_]+:", "")
    listed = pc.is_in(lowered, value_set=pa.array(sorted(rules.blocked_values)))
    patterns = (*rules.blocked_patterns, *rules.blocked_by_type.get(identifier_type, ()))
    if not patterns:
        return listed
    whole = "^(?:" + "|".join(f"(?:{pattern})" for pattern in patterns) + ")$"
    return pc.or_(listed, pc.match_substring_regex(lowered, whole))


def is_role_address(emails: pa.Array, rules: Rules) -> pa.Array:
    """Which of the normalised addresses belong to a desk and not to a person."""
    local = pc.replace_substring_regex(emails, r"@.*$", "")
    return pc.is_in(local, value_set=pa.array(sorted(rules.role_addresses), pa.string()))


def _emails(trimmed: pa.Array, rules: Rules) -> pa.Array:
    """Lower case; what follows a plus, and dots, only go where the provider ignores them."""
    emails = pc.replace_substring_regex(pc.utf8_lower(trimmed), r"^mailto:", "")
    for providers, pattern in ((rules.plus_at, r"\+[^@]*@"), (rules.dots_at, r"\.")):
        if providers:
            domains = pc.replace_substring_regex(emails, r"^.*@", "")
            at_provider = pc.is_in(domains, value_set=pa.array(sorted(providers)))
            if pattern == r"\.":
                local = pc.replace_substring(
                    pc.replace_substring_regex(emails, r"@.*$", ""), ".", ""
                )
                folded = pc.binary_join_element_wise(local, domains, "@")
            else:
                folded = pc.replace_substring_regex(emails, pattern, "@")
            emails = pc.if_else(at_provider, folded, emails)
    return emails


def _phones(
    trimmed: pa.Array, spellings: pa.Array, regions: Mapping[str, str], default_region: str
) -> pa.Array:
    """E.164. What is no possible number anywhere keeps its spelling, so that it stays findable."""
    bare = pc.replace_substring_regex(trimmed, r"[\s()./\-]|^tel:", "")
    exact = pc.match_substring_regex(bare, E164)
    if pc.all(exact).as_py():
        return bare
    frame = pd.DataFrame(
        {"bare": bare.to_pylist(), "spelling": spellings.to_pylist(), "exact": exact.to_pylist()}
    )
    parsed = [
        value if is_exact else _phone(value, regions.get(spelling) or default_region)
        for value, spelling, is_exact in frame.itertuples(index=False, name=None)
    ]
    return pa.array(parsed, pa.string())


def _phone(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return text
    if not phonenumbers.is_possible_number(number):
        return text
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
