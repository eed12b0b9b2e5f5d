"""What the customers of each cluster bought next, by category, since the cluster was fitted."""

import datetime

import pandas as pd

from ml.clusters.model import assign_clusters
from segmentry.models.clusters.fitting import clustering_at
from segmentry.models.targets.training import read_features
from segmentry.project.vocabulary import CLUSTERINGS
from segmentry.warehouse.door import Warehouse

HORIZONS = (28, 91)
TOP_CATEGORIES = 5
# A category that fewer of a cluster's customers than this bought is chance.
LEAST_BUYERS = 10
# Only what many more of a cluster's customers than of all buy is told of.
LEAST_LIFT = 1.1
_BOUGHT = """
    with nodes as (
        select distinct m.customer_id, later.identity_id, m.horizon_days, m.start_date, m.stop_date
        from (
            select distinct customer_id, horizon_days, start_date, stop_date from members
        ) as m
        inner join identity.customer_identities as own
            on own.customer_id = m.customer_id and own.valid_from < m.start_date
            and (own.valid_to is null or own.valid_to >= m.start_date)
        inner join identity.customer_identities as later
            on later.identity_id = own.identity_id and later.valid_from < m.stop_date
            and (later.valid_to is null or later.valid_to >= m.stop_date)
    ),
    bought as (
        select n.customer_id, n.horizon_days, n.start_date, p.category, sum(l.line_amount) as spent
        from nodes as n
        inner join core.fct_order_lines as l
            on l.identity_id = n.identity_id
            and l.ordered_at >= n.start_date and l.ordered_at < n.stop_date
            and (l.cancelled_at is null or l.cancelled_at >= n.stop_date)
        inner join core.dim_products as p on p.product_id = l.product_id
        where p.category is not null
        group by n.customer_id, n.horizon_days, n.start_date, p.category
    ),
    sizes as (
        select model_version, horizon_days, cluster_id, count(*) as members,
            sum(count(*)) over (partition by model_version, horizon_days) as all_members
        from members group by model_version, horizon_days, cluster_id
    ),
    shared as (
        select m.clustering, m.model_version, m.cluster_id, m.horizon_days, b.category,
            sum(b.spent) / min(s.members) as spend_mean_amount,
            count(*) as buyers, count(*) / min(s.members) as buyers_rate,
            sum(count(*)) over (partition by m.model_version, m.horizon_days, b.category)
                / min(s.all_members) as all_buyers_rate
        from members as m
        inner join bought as b
            on b.customer_id = m.customer_id and b.horizon_days = m.horizon_days
            and b.start_date = m.start_date
        inner join sizes as s
            on s.model_version = m.model_version and s.horizon_days = m.horizon_days
            and s.cluster_id = m.cluster_id
        group by m.clustering, m.model_version, m.cluster_id, m.horizon_days, b.category
    )
    select clustering, cluster_id, model_version, horizon_days, category, spend_mean_amount,
        buyers_rate, all_buyers_rate,
        row_number() over (
            partition by model_version, cluster_id, horizon_days
            order by buyers_rate - all_buyers_rate desc, spend_mean_amount desc, category
        ) as category_rank
    from shared
    where buyers >= $least and buyers_rate >= $lift * all_buyers_rate
    qualify category_rank <= $top
    order by clustering, model_version, cluster_id, horizon_days, category_rank
"""


def next_purchases(warehouse: Warehouse, date: datetime.date) -> list[pd.DataFrame]:
    """Rows of models.cluster_next_purchases for the clusterings in force at `date`.

    Customers are assigned at the date their clusters were fitted at; categories are those that
    more of a cluster's customers than of all bought in the weeks after it. One scan of the lines.
    """
    members = []
    for clustering in CLUSTERINGS:
        in_force = clustering_at(warehouse, clustering, date)
        if in_force is None:
            continue
        start = in_force.model.fitted_as_of
        frame = read_features(warehouse, [start], "recency_days is not null")
        assigned = assign_clusters(in_force.model, frame, in_force.model_version)
        for horizon in HORIZONS:
            stop = start + datetime.timedelta(days=horizon)
            if stop <= date:
                dates = {"start_date": start, "stop_date": stop}
                members.append(assigned.assign(horizon_days=horizon, **dates))
    if not members:
        return []
    with warehouse.connect() as connection:
        connection.register("members", pd.concat(members, ignore_index=True))
        limits = {"least": LEAST_BUYERS, "top": TOP_CATEGORIES, "lift": LEAST_LIFT}
        return [connection.execute(_BOUGHT, limits).df()]
