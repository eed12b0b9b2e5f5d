"""The SQL behind the page, over the temporary views that `read` makes."""

from data_contracts.wording.reasons import companions

EXAMPLE_COUNT = 10

AS_OF = """
    select max(as_of_date)::date from (
        select as_of_date from segments__customer_360
        union all select as_of_date from features__customer_features
        union all select as_of_date from segments__segment_summary)
    having max(as_of_date) is not null
"""
CURRENCY = "select setting_value from ops__settings where setting_name = 'reporting_currency'"

FILES = """
    select source, table_name, count(*) as file_count, sum(row_count) as row_count,
        sum(landed_count) as landed_count, sum(duplicate_count) as duplicate_count,
        sum(changed_count) as changed_count, sum(quarantined_count) as quarantined_count
    from ops__loaded_files group by all order by source, row_count desc, table_name
"""
_SOLD = "cancelled_at is null and ordered_at < coalesce($as_of::date, ordered_at + interval 1 day)"
WEEKS = f"""
    select date_trunc('week', ordered_at)::date as week, sum(order_amount) as spend,
        count(distinct identity_id) as customers,
        count(distinct ordered_at::date) as days
    from core__fct_orders where {_SOLD} group by 1 order by 1
"""
ORDERS = f"""
    select count(*) filter (not coalesce(is_return, false)) as order_count,
        coalesce(sum(order_amount), 0) as spend, count(distinct identity_id) as customers,
        min(ordered_at)::date as first_date, max(ordered_at)::date as last_date,
        coalesce(sum(order_amount) filter (ordered_at >= $as_of::date - interval 91 day), 0)
            as spend_91d,
        coalesce(sum(order_amount) filter (ordered_at >= $as_of::date - interval 182 day
            and ordered_at < $as_of::date - interval 91 day), 0) as spend_before,
        count(distinct identity_id) filter (ordered_at >= $as_of::date - interval 91 day)
            as customers_91d
    from core__fct_orders where {_SOLD}
"""
# One row per check: what the newest run found.
CHECKS = """
    select stage, table_name, check_name, column_name, engine, severity, passed, observed_value,
        failed_count
    from ops__data_quality_results
    where run_id = (select arg_max(run_id, checked_at) from ops__data_quality_results)
    order by passed, severity, stage, table_name, check_name, column_name
"""
SEGMENTS = """
    with named as (
        select * from segments__segment_catalogue
        qualify row_number() over (partition by segment_id order by version desc) = 1)
    select s.segment_id, coalesce(n.segment_name, s.segment_id) as name,
        coalesce(n.kind, 'rule') as kind, coalesce(n.segment_description, '') as description,
        s.customer_count, s.entry_count, s.exit_count, s.revenue_amount,
        s.revenue_share, s.average_order_amount, s.churn_rate,
        p.customer_count as previous_count
    from segments__segment_summary s
    left join named n using (segment_id)
    left join segments__segment_summary p on p.segment_id = s.segment_id
        and p.as_of_date = (select max(as_of_date) from segments__segment_summary
            where as_of_date < $as_of::date)
    where s.as_of_date = $as_of::date and coalesce(n.status, 'approved') <> 'retired'
    order by s.revenue_share desc nulls last, s.customer_count desc, s.segment_id
"""
# The first date only fills the segments, so it shows no movement.
SUMMARY = """
    select segment_id, as_of_date, customer_count, entry_count, exit_count
    from segments__segment_summary
    where as_of_date > (select min(as_of_date) from segments__segment_summary)
    order by as_of_date, segment_id
"""
STAGES = """
    select c.lifecycle_stage, count(*) as customer_count,
        sum(coalesce(f.spend_91d_amount, 0)) as spend
    from segments__customer_360 c
    left join features__customer_features f using (customer_id, as_of_date)
    where c.as_of_date = $as_of::date and c.lifecycle_stage is not null group by 1 order by 1
"""
STAGE_FLOW = """
    with judged as (
        select distinct as_of_date from segments__lifecycle_stages
        where as_of_date <= $as_of::date order by as_of_date desc limit 5),
    before as (
        select customer_id, lifecycle_stage from segments__lifecycle_stages
        where as_of_date = (select min(as_of_date) from judged))
    select b.lifecycle_stage as stage_from, c.lifecycle_stage as stage_to,
        count(*) as customer_count,
        (select min(as_of_date) from judged) as since
    from segments__lifecycle_stages c join before b using (customer_id)
    where c.as_of_date = $as_of::date
        and (select min(as_of_date) from judged) < $as_of::date
    group by all order by 1, 2
"""
_MOVED = "as_of_date > (select min(as_of_date) from segments__segment_transitions)"
REASONS = f"""
    select coalesce(reason, 'behaviour') as reason, count(*) as move_count
    from segments__segment_transitions where {_MOVED} group by 1 order by 2 desc, 1
"""
# Who left one segment and entered another at the same date.
MOVES = f"""
    select l.segment_id as segment_from, e.segment_id as segment_to, count(*) as customer_count
    from segments__segment_transitions l
    join segments__segment_transitions e using (customer_id, as_of_date)
    where l.event = 'exit' and e.event = 'enter' and l.{_MOVED}
        and coalesce(l.reason, '') not in ('model_change', 'definition_change')
    group by all order by 3 desc, 1, 2 limit 12
"""
# Who nearly enters each segment, and the part of its condition that most of them miss.
NEAR = """
    with parts as (
        select segment_id, conjunct, count(*) as conjunct_count
        from segments__near_misses group by all)
    select segment_id, sum(conjunct_count)::bigint as near_count,
        arg_max(conjunct, (conjunct_count, conjunct)) as conjunct,
        max(conjunct_count) as conjunct_count
    from parts group by segment_id order by near_count desc, segment_id
"""
CLUSTERS = """
    with sizes as (
        select clustering, cluster_id, count(*) as customer_count
        from models__cluster_assignments where as_of_date = $as_of::date group by all),
    newest as (
        select * from models__cluster_profiles
        qualify model_version is not distinct from
            max(model_version) over (partition by clustering))
    select n.*, s.customer_count from newest n
    left join sizes s using (clustering, cluster_id)
    order by clustering, customer_count desc nulls last, cluster_id, feature
"""
# Cards of the clusterings in force, and what their customers bought in the 13 weeks after.
CLUSTER_CARDS = """
    select c.clustering, c.cluster_id, c.next_91d_spend_mean_amount, c.next_91d_spend_share,
        c.typical_customer_ids,
        list(n.category order by n.category_rank) filter (where n.category is not null)
            as categories,
        list(n.buyers_rate order by n.category_rank) filter (where n.category is not null)
            as buyers,
        list(n.all_buyers_rate order by n.category_rank) filter (where n.category is not null)
            as all_buyers
    from models__cluster_cards c
    left join models__cluster_next_purchases n
        on n.model_version = c.model_version and n.cluster_id = c.cluster_id
        and n.horizon_days = 91
    where c.model_version in (
        select max(model_version) from models__cluster_cards group by clustering)
    group by all
"""
LINEAGE = """
    select * from models__cluster_lineage where previous_version is not null
    qualify trained_as_of = max(trained_as_of) over (partition by clustering)
    order by clustering, lineage_event, cluster_id
"""
METRICS = """
    select * from models__model_metrics where split = 'test' or candidate is null
        or target in (select clustering from models__cluster_profiles)
    qualify trained_as_of is not distinct from max(trained_as_of) over (partition by target)
    order by target, as_of_date, candidate, metric
"""
# What a shuffled test would have said, beside the time-ordered one of the same candidate and date.
RANDOM_SPLITS = """
    select shuffled.target, shuffled.candidate, shuffled.as_of_date, shuffled.metric,
        shuffled.value as random_value, ordered.value as time_value
    from models__model_metrics as shuffled
    inner join models__model_metrics as ordered
        using (target, candidate, trained_as_of, as_of_date, metric)
    where shuffled.split = 'random' and ordered.split = 'test'
    qualify shuffled.trained_as_of is not distinct from
        max(shuffled.trained_as_of) over (partition by shuffled.target)
    order by target, as_of_date, metric
"""
# What was decided when the newest models were trained.
VERSIONS = """
    select target, candidate, reason, is_promoted, trained_as_of from models__model_versions
    qualify trained_as_of is not distinct from max(trained_as_of) over (partition by target)
    order by target
"""
DRIFT = """
    select * from models__drift where as_of_date = (select max(as_of_date) from models__drift)
    order by verdict <> 'drifted', drift_subject = 'feature', importance desc, target, drift_name
"""
# Every score that was given out and whose window has passed.
MATURED = """
    select * from models__model_metrics where split = 'matured'
    order by target, as_of_date, model_version desc, metric
"""
CURVES = """
    select * from models__model_curves
    qualify trained_as_of is not distinct from max(trained_as_of) over (partition by target)
    order by target, as_of_date, curve, candidate, bin
"""
SUFFICIENCY = """
    select target, count(*) filter (sufficiency = 'ok') as scored_count,
        count(*) as customer_count
    from models__customer_scores where as_of_date = $as_of::date group by 1 order by 1
"""
CANDIDATES = """
    create temp table story_candidates as
    with scores as (
        select customer_id,
            max(score) filter (target like 'churn%') as churn,
            max(score) filter (target like 'purchase%') as purchase,
            max(score) filter (target like 'spend%') as expected,
            max(percentile) filter (target like 'spend%') as expected_percentile
        from models__customer_scores
        where as_of_date = $as_of::date and sufficiency = 'ok' group by 1),
    moves as (
        select customer_id, count(*) as move_count from segments__segment_transitions
        where as_of_date = $as_of::date group by 1),
    joined as (
        select c.customer_id, coalesce(c.lifecycle_stage, '') as stage, s.*
            exclude (customer_id), coalesce(m.move_count, 0) as move_count,
            coalesce(f.spend_364d_amount, f.spend_182d_amount, f.spend_91d_amount, 0) as spend,
            len(string_split(coalesce(c.segments, ''), ',')) as segment_count
        from segments__customer_360 c left join scores s using (customer_id)
        left join moves m using (customer_id)
        left join features__customer_features f
            on f.customer_id = c.customer_id and f.as_of_date = c.as_of_date
        where c.as_of_date = $as_of::date)
    select *, percent_rank() over (order by spend) as spend_rank from joined
"""
# (story, who qualifies, who comes first)
STORIES: list[tuple[str, str, str]] = [
    (
        "High value, at risk",
        "spend_rank >= 0.8 and (churn >= 0.3 or stage in ('at_risk', 'cooling'))",
        "churn desc nulls last",
    ),
    ("Loyal", "stage = 'loyal'", "expected desc nulls last"),
    ("New and likely to return", "stage = 'new' and purchase is not null", "purchase desc"),
    ("New and likely to be lost", "stage = 'new' and churn is not null", "churn desc"),
    ("Cooling", "stage = 'cooling' and churn is not null", "spend desc"),
    ("Lapsed, once high value", "stage = 'lapsed' and spend > 0", "spend desc"),
    ("Most likely to buy this week", "purchase is not null", "purchase desc"),
    ("In the middle", "expected_percentile is not null", "abs(expected_percentile - 0.5)"),
    ("On the fence", "churn is not null", "abs(churn - 0.5)"),
    ("On the move", "move_count > 0", "move_count desc"),
]
FILLER = ("Among the best customers", "true", "spend desc")
EXAMPLES = f"""
    select h.position, h.story, h.customer_id, c.lifecycle_stage, c.segments, s.target, s.score,
        s.percentile, s.sufficiency,
        s.reason_1_feature, s.reason_1_value, s.reason_1_contribution,
        s.reason_2_feature, s.reason_2_value, s.reason_2_contribution,
        s.reason_3_feature, s.reason_3_value, s.reason_3_contribution,
        {", ".join(f"f.{name}" for name in companions())}
    from chosen h
    left join segments__customer_360 c
        on c.customer_id = h.customer_id and c.as_of_date = $as_of::date
    left join models__customer_scores s
        on s.customer_id = h.customer_id and s.as_of_date = $as_of::date
    left join features__customer_features f
        on f.customer_id = h.customer_id and f.as_of_date = $as_of::date
    order by h.position, s.target
"""

# Channel, the feature that says who is active in it, what it counts, who responded, and how.
CHANNELS = [
    ("Orders", "orders_91d_count", "orders", None, ""),
    ("Site and app", "sessions_91d_count", "visits", "cart_adds_91d_count", "filled a cart"),
    ("E-mail", "email_sent_91d_count", "messages", "email_clicked_91d_count", "clicked"),
    ("SMS", "sms_sent_91d_count", "messages", "sms_clicked_91d_count", "clicked"),
    ("Push", "push_sent_91d_count", "messages", "push_clicked_91d_count", "clicked"),
    ("Advertising", "ad_touches_91d_count", "touches", "ad_clicks_91d_count", "clicked"),
    ("Offers", "offers_364d_count", "offers", "coupon_redemptions_364d_count", "redeemed"),
    ("Support", "support_tickets_91d_count", "tickets", None, ""),
    ("Reviews", "reviews_364d_count", "reviews", None, ""),
    ("Loyalty", "is_loyalty_member", "members", "loyalty_points_redeemed_91d_count", "redeemed"),
    ("Subscriptions", "active_subscriptions_count", "subscriptions", None, ""),
]
PURPOSES = ("email", "sms", "push", "ads", "profiling")


def _channel(name: str, active: str, unit: str, response: str | None, how: str) -> str:
    responded = f"{response} > 0" if response else "null"
    return f"""
        select '{name}' as channel, '{unit}' as activity, '{how}' as response,
            count(*) filter ({active} > 0) as customer_count,
            sum({active}) as activity_count,
            avg(case when {responded} then 1.0 when {bool(response)} then 0 end)
                filter ({active} > 0) as response_rate
        from features__customer_features where as_of_date = $as_of"""


CHANNEL_USE = " union all ".join(_channel(*channel) for channel in CHANNELS)
CONSENTS = " union all ".join(
    f"""
        select '{purpose}' as purpose, count(*) as customer_count,
            count(*) filter ({purpose}_consent = 1) as granted_count,
            count(*) filter ({purpose}_consent = 0) as denied_count
        from features__customer_features where as_of_date = $as_of"""
    for purpose in PURPOSES
)
IDENTITY = "select metric, value from identity__identity_audit order by metric"
