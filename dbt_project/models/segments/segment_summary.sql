with history as (
    select * from {{ source('segments', 'segment_membership_history') }}
),

transitions as (
    select * from {{ source('segments', 'segment_transitions') }}
),

segments as (
    select segment_id, kind, first_effective_from
    from {{ ref('segments') }}
    where status <> 'retired'
),

dates as (
    select as_of_date from transitions
    union
    select as_of_date from {{ source('ops', 'build_dates') }}
    where purpose in ('newest', 'membership')
),

features as (
    select customer_id, as_of_date, spend_91d_amount, orders_91d_count
    from {{ ref('customer_features') }}
),

scores as (
    select customer_id, as_of_date, score
    from {{ source('models', 'customer_scores') }}
    where target = 'churn_91d'
),

totals as (
    select as_of_date, sum(spend_91d_amount) as revenue_amount
    from features
    group by as_of_date
),

members as (
    select
        dates.as_of_date,
        history.segment_id,
        history.customer_id,
        segments.kind,
        -- Everybody is in a cluster of each lens: that is no overlap.
        sum(case when segments.kind = 'cluster' then 0 else 1 end)
            over (partition by dates.as_of_date, history.customer_id) as segment_count
    from dates
    inner join history
        on history.valid_from <= dates.as_of_date
        and (history.valid_to is null or history.valid_to > dates.as_of_date)
    inner join segments
        on segments.segment_id = history.segment_id
),

sizes as (
    select
        members.segment_id,
        members.as_of_date,
        count(*) as customer_count,
        sum(features.spend_91d_amount) as revenue_amount,
        {{ ratio('sum(features.spend_91d_amount)', 'sum(features.orders_91d_count)') }} as average_order_amount,
        avg(scores.score) as mean_churn_91d_score,
        avg(
            case when members.segment_count > case when members.kind = 'cluster' then 0 else 1 end then 1.0 else 0.0 end
        ) as overlap_rate
    from members
    left join features
        on features.customer_id = members.customer_id and features.as_of_date = members.as_of_date
    left join scores
        on scores.customer_id = members.customer_id and scores.as_of_date = members.as_of_date
    group by members.segment_id, members.as_of_date
),

moves as (
    select
        segment_id,
        as_of_date,
        sum(case when event = 'enter' then 1 else 0 end) as entry_count,
        sum(case when event = 'exit' then 1 else 0 end) as exit_count
    from transitions
    group by segment_id, as_of_date
),

-- A segment without a member at a date has a row too: that it is empty is worth knowing.
final as (
    select
        segments.segment_id,
        dates.as_of_date,
        coalesce(sizes.customer_count, 0) as customer_count,
        cast(coalesce(moves.entry_count, 0) as bigint) as entry_count,
        cast(coalesce(moves.exit_count, 0) as bigint) as exit_count,
        coalesce(sizes.revenue_amount, 0) as revenue_amount,
        {{ ratio('coalesce(sizes.revenue_amount, 0)', 'totals.revenue_amount') }} as revenue_share,
        sizes.average_order_amount,
        sizes.mean_churn_91d_score,
        {{ ratio('coalesce(moves.entry_count, 0) + coalesce(moves.exit_count, 0)', 'sizes.customer_count') }}
            as volatility_rate,
        cast(sizes.overlap_rate as double) as overlap_rate
    from segments
    inner join dates
        on dates.as_of_date >= segments.first_effective_from
    left join sizes
        on sizes.segment_id = segments.segment_id and sizes.as_of_date = dates.as_of_date
    left join moves
        on moves.segment_id = segments.segment_id and moves.as_of_date = dates.as_of_date
    left join totals
        on totals.as_of_date = dates.as_of_date
)

select * from final
