"""Identity: how identifiers became people."""

from data_contracts.wording.names import humanise
from data_contracts.wording.numbers import count, plural
from segmentry.report.page import Page, Section

PAGE = "data"
LABEL = "Identity"
TITLE = "Identity: how records became people"

AUDIT = "select metric, value from identity.identity_audit order by metric"

AUDIT_WORDS = {
    "identifiers": "Identifiers that name somebody",
    "customers": "Customers to whom they belong",
    "customer_identifiers_p50": "Identifiers of a customer, median",
    "customer_identifiers_p99": "Identifiers of a customer, 99th percentile",
    "customer_identifiers_p999": "Identifiers of a customer, 99.9th percentile",
    "customer_identifiers_max": "Identifiers of the largest customer",
    "emails_per_customer_p99": "E-mail addresses of a customer, 99th percentile",
    "emails_per_customer_max": "E-mail addresses of a customer, most",
    "records_per_customer_p99": "Records of a customer, 99th percentile",
    "records_per_customer_max": "Records of a customer, most",
    "edges_accepted": "Links that were accepted",
    "edges_rejected": "Links that were rejected",
    "edges_manual": "Links that a person set or cut",
    "review_candidates": "Likely pairs that a person should look at",
    "blocked_identifiers": "Values that name nobody (anonymous, zeros, no-reply)",
    "blocked_hits": "Records with such a value",
    "size_hits": "Links rejected because a customer would grow too large",
    "bridges": "Links without which a customer of many records would fall apart",
    "customer_merges": "Customers merged into an older one",
    "customer_splits": "Customers parted again",
}
LIMIT = "limit_hits_"


def section(page: Page) -> Section:
    """The audit of identity resolution, in words."""
    rows = page.read(AUDIT)
    values = dict(zip(rows["metric"], rows["value"], strict=True))
    if not values:
        return {"empty": "No identifier has been resolved yet."}
    limits = [
        [
            f"Links rejected by a limit or a contradiction: {humanise(name.removeprefix(LIMIT))}",
            count(value),
        ]
        for name, value in values.items()
        if name.startswith(LIMIT)
    ]
    audit = [[words, count(values[name])] for name, words in AUDIT_WORDS.items() if name in values]
    return {
        "lead": f"{plural(values.get('identifiers', 0), 'identifier')} belong to "
        f"{plural(values.get('customers', 0), 'customer')}; the largest customer has "
        f"{count(values.get('customer_identifiers_max', 0))} of them.",
        "tables": [
            {
                "label": "Table of the identity audit",
                "columns": ["What", "Number"],
                "rows": audit + limits,
            }
        ],
    }
