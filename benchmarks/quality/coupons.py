"""Who redeems a coupon of a campaign that targets them, on Complete Journey's later campaigns.

One row per campaign and targeted customer, at the newest feature date before the campaign begins.
Every campaign is judged by candidates that were fitted on the campaigns that had ended by then. The
product has no such model yet: these are its candidates on rows that are made here.
"""

from __future__ import annotations

import time
from datetime import date

import numpy as np
import pandas as pd

from benchmarks.quality.comparison import Figure, demo_warehouse, verdict
from ml.frames import FeatureTable, Floats
from ml.metrics import auc, auc_standard_error, pr_auc
from ml.targets.candidates import BLEND, LINEAR, TREES, fit_candidates
from ml.targets.informative import keep_informative

# The first campaign of the peers' test: from it on, 2,662 pairs of which 317 redeem.
FIRST_TESTED = date(2017, 9, 4)
PEERS = {"past rate": 0.756, "logistic": 0.834, "LightGBM": 0.818}
BEST_PR_AUC, BEST_LIFT = 0.499, 4.5
SEED = 0
ROWS = """
    with mine as (
        select i.customer_id, a.campaign_id, c.started_at::date as started,
            c.ended_at::date as ended,
            regexp_extract(c.campaign_name, 'Type (.)', 1) as kind
        from core.fct_campaign_assignments as a
        join core.dim_campaigns as c using (campaign_id)
        join identity.customer_identities as i using (identity_id)
    ),
    redeemed as (
        select i.customer_id, r.campaign_id, min(r.redeemed_at)::date as day
        from core.fct_coupon_redemptions as r
        join identity.customer_identities as i using (identity_id)
        group by all
    ),
    past as (
        select m.customer_id, m.campaign_id, count(*) as past_campaigns_count,
            count(r.day) as past_redeemed_campaigns_count,
            count(*) filter (where p.kind = m.kind) as past_alike_count,
            count(r.day) filter (where p.kind = m.kind) as past_redeemed_alike_count,
            min(m.started - r.day) as since_redemption_days
        from mine as m
        join mine as p on p.customer_id = m.customer_id and p.started < m.started
        left join redeemed as r on r.customer_id = p.customer_id
            and r.campaign_id = p.campaign_id and r.day < m.started
        group by all
    ),
    couponed as (
        select distinct 'complete_journey:' || campaign_id as campaign_id,
            'complete_journey:' || product_id as product_id
        from raw.complete_journey__coupons
    ),
    offers as (
        select campaign_id, count(*) as couponed_products_count from couponed group by all
    ),
    bought as (
        select m.customer_id, m.campaign_id, sum(l.line_amount)::double as couponed_spend_amount,
            count(distinct l.product_id) as couponed_bought_count,
            count(distinct l.order_id) as couponed_orders_count,
            min(m.started - l.ordered_at::date) as since_couponed_days
        from mine as m
        join couponed as c using (campaign_id)
        join identity.customer_identities as i using (customer_id)
        join core.fct_order_lines as l on l.identity_id = i.identity_id
            and l.product_id = c.product_id
            and l.ordered_at < m.started and l.ordered_at >= m.started - 182
        group by all
    )
    select m.campaign_id || '/' || m.customer_id as pair, m.campaign_id, m.started, m.ended,
        (r.day is not null)::double as label, past.* exclude (customer_id, campaign_id),
        coalesce(past.past_redeemed_campaigns_count, 0) / (coalesce(past_campaigns_count, 0) + 1)
            as past_rate,
        bought.* exclude (customer_id, campaign_id), offers.couponed_products_count,
        (m.kind = 'A')::double as is_kind_a, (m.kind = 'B')::double as is_kind_b,
        f.* exclude (customer_id)
    from mine as m
    asof join (select * from features.customer_features order by as_of_date) as f
        on f.customer_id = m.customer_id and f.as_of_date <= m.started
    left join redeemed as r on r.customer_id = m.customer_id and r.campaign_id = m.campaign_id
    left join past on past.customer_id = m.customer_id and past.campaign_id = m.campaign_id
    left join bought on bought.customer_id = m.customer_id and bought.campaign_id = m.campaign_id
    left join offers on offers.campaign_id = m.campaign_id
    order by m.started, pair
"""


def scores_of(rows: pd.DataFrame) -> tuple[dict[str, Floats], Floats]:
    """Candidate -> score of every tested pair, and what came of it."""
    keys = ["campaign_id", "started", "ended", "label"]
    features = rows.drop(columns=keys).rename(columns={"pair": "customer_id"})
    table = keep_informative(FeatureTable.from_frame(features)).table
    y = rows["label"].to_numpy(dtype=np.float64)
    started, ended = (pd.to_datetime(rows[name]).dt.date.to_numpy() for name in keys[1:3])
    found: dict[str, list[Floats]] = {LINEAR: [], TREES: [], BLEND: []}
    outcomes = []
    for day in sorted({day for day in started if day >= FIRST_TESTED}):
        seen, now = ended <= day, started == day
        fitted = fit_candidates("probability", table.features, table.x[seen], y[seen], SEED)
        for name, scores in found.items():
            scores.append(fitted[name].margin(table.x[now]))
        outcomes.append(y[now])
    return {n: np.concatenate(parts) for n, parts in found.items()}, np.concatenate(outcomes)


def lift(y: Floats, score: Floats) -> float:
    """How many times as often the best tenth by score redeems."""
    best = np.argsort(-score, kind="stable")[: len(y) // 10]
    return float(y[best].mean() / y.mean())


def report() -> list[str]:
    """Ours beside the peers; the blend is the choice that needs no earlier test."""
    warehouse = demo_warehouse()
    if warehouse is None:
        return ["no warehouse; run the demo first"]
    rows = warehouse.execute(ROWS).df()
    warehouse.close()
    began = time.monotonic()
    scores, y = scores_of(rows)
    seconds = time.monotonic() - began
    tested = pd.to_datetime(rows["started"]).dt.date >= FIRST_TESTED
    rule = auc(y, rows.loc[tested, "past_rate"].fillna(0.0).to_numpy())
    chosen = scores[BLEND]
    figure = Figure(BLEND, auc(y, chosen), auc_standard_error(y, chosen), rule, len(y))
    told = ", ".join(f"{name} {auc(y, score):.4f}" for name, score in scores.items())
    peers = ", ".join(f"{name} {value:.3f}" for name, value in PEERS.items())
    return [
        f"redeems a coupon of a campaign that targets them, campaigns from {FIRST_TESTED}: "
        f"{int(y.sum())} of {len(y):,}",
        f"  peers: {peers}; PR-AUC {BEST_PR_AUC}, lift@10 % {BEST_LIFT}",
        f"  ours: past rate {rule:.4f}, {told}; ±{figure.error:.4f}",
        f"  {BLEND}: PR-AUC {pr_auc(y, chosen):.4f}, lift@10 % {lift(y, chosen):.2f}",
        f"  auc: {verdict(figure, 'auc', max(PEERS.values()))}",
        f"  the blend is the default and was not chosen by any test; {seconds:.0f} s of training",
        "",
    ]
