{%- set so_far -%}
    partition by subscription_id order by occurred_at nulls first, event_type nulls first
    rows between unbounded preceding and current row
{%- endset -%}

with keys as (
    select distinct identity_id, identity_key
    from {{ ref('ftr_identities') }}
),

changes as (
    select
        subscription_id,
        identity_id,
        started_at as occurred_at,
        'started' as event_type,
        plan,
        monthly_amount,
        source_monthly_amount,
        cast(null as timestamp) as next_renewal_at
    from {{ ref('fct_subscriptions') }}

    union all

    select
        subscription_id,
        identity_id,
        occurred_at,
        event_type,
        plan,
        monthly_amount,
        source_monthly_amount,
        next_renewal_at
    from {{ ref('fct_subscription_events') }}
),

-- What an event does not say goes on as it was. A cancellation ends a subscription for good: who
-- comes back has a new one.
carried as (
    select
        *,
        min(case when event_type = 'started' then occurred_at end) over ({{ so_far }}) as started_at,
        last_value(plan ignore nulls) over ({{ so_far }}) as plan_then,
        last_value(monthly_amount ignore nulls) over ({{ so_far }}) as amount_then,
        last_value(source_monthly_amount ignore nulls) over ({{ so_far }}) as source_amount_then,
        last_value(next_renewal_at ignore nulls) over ({{ so_far }}) as renewal_then,
        max(case when event_type = 'cancelled' then 1 else 0 end) over ({{ so_far }}) as is_cancelled,
        lead(cast(occurred_at as date)) over (
            partition by subscription_id order by occurred_at, event_type
        ) as next_event_date
    from changes
),

-- One row per change: the state that begins with it holds until the next change of the subscription.
final as (
    select
        keys.identity_key,
        cast(carried.occurred_at as date) as event_date,
        carried.next_event_date,
        carried.event_type,
        cast(carried.started_at as date) as started_date,
        carried.plan_then as plan,
        cast(carried.amount_then as double) as monthly_amount,
        cast(carried.renewal_then as date) as next_renewal_date,
        carried.is_cancelled = 1 as is_cancelled,
        sign(
            carried.source_amount_then - lag(carried.source_amount_then) over (
                partition by carried.subscription_id order by carried.occurred_at, carried.event_type
            )
        ) as price_step,
        row_number() over (order by carried.amount_then nulls first, carried.subscription_id, carried.occurred_at) as amount_rank
    from carried
    inner join keys
        on keys.identity_id = carried.identity_id
)

select * from final
order by identity_key
