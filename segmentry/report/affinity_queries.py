"""The SQL behind the section on next products."""

LEADING = """
    with named as (
        select a.item_level, a.kind, a.customer_id, a.score, a.basis,
            coalesce(p.product_name, a.product_id, a.category) as item
        from models__product_affinity a left join core__dim_products p using (product_id)
        where a.as_of_date = $as_of::date and a.rank <= 3),
    favoured as (
        select item_level, kind, item, count(distinct customer_id) as customer_count,
            avg(score) as score
        from named where basis <> 'popularity' group by all)
    select * from favoured
    qualify row_number() over (
        partition by item_level, kind order by customer_count desc, item) <= 5
    order by item_level desc, kind desc, customer_count desc, item
"""
# How good the version was that ranked.
JUDGED = """
    select * from models__affinity_metrics
    where split in ('test', 'none') and coalesce(metric, 'ndcg_10') = 'ndcg_10'
        and (is_chosen or candidate = 'popularity')
        and trained_as_of in (
            select v.trained_as_of from models__model_versions v
            inner join models__product_affinity a using (model_version)
            where a.as_of_date = $as_of::date)
    order by item_level desc, kind desc, is_chosen desc
"""
