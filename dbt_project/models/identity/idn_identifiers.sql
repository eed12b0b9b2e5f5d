with orders as (
    select source_system, source_customer_id, min(ordered_at) as known_at
    from {{ ref('stg_all__orders') }}
    group by source_system, source_customer_id
),

coupon_redemptions as (
    select source_system, source_customer_id, min(redeemed_at) as known_at
    from {{ ref('stg_all__coupon_redemptions') }}
    group by source_system, source_customer_id
),

campaign_assignments as (
    select source_system, source_customer_id, min(assigned_at) as known_at
    from {{ ref('stg_all__campaign_assignments') }}
    group by source_system, source_customer_id
),

-- A record without a date says nothing about when its customer became known: only events do.
customers as (
    select source_system, source_customer_id, coalesce(created_at, updated_at) as known_at
    from {{ ref('stg_all__customers') }}
    where coalesce(created_at, updated_at) is not null
),

seen as (
    select * from orders
    union all
    select * from coupon_redemptions
    union all
    select * from campaign_assignments
    union all
    select * from customers
),

identifiers as (
    select
        source_system,
        'source_customer_id' as identifier_type,
        source_customer_id as identifier,
        min(known_at) as known_at
    from seen
    group by source_system, source_customer_id
),

-- One node per identifier, for ever: facts are keyed by it, so that a merge rewrites none of them.
final as (
    select
        source_system,
        identifier_type,
        identifier,
        {{ keyed_hash("source_system || '|' || identifier_type || '|' || identifier") }} as identity_id,
        known_at
    from identifiers
)

select * from final
