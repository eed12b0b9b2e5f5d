with dates as (
    select distinct as_of_date from {{ source('ops', 'build_dates') }}
),

identities as (
    select * from {{ ref('ftr_identities') }}
),

days as (
    select * from {{ ref('ftr_identity_days') }}
),

-- Several identities that order: one that only reads mail or visits adds no order to a sum.
merged as (
    select identities.customer_key
    from identities
    inner join (select distinct identity_key from days) as ordering
        on ordering.identity_key = identities.identity_key
    group by identities.customer_key
    having count(distinct identities.identity_key) > 1
),

source_firsts as (
    select
        identities.source_system,
        min(days.order_date) as first_order_date,
        min(case when days.line_count is not null then days.order_date end) as first_line_date,
        min(days.category_known_date) as first_category_date
    from days
    inner join identities
        on identities.identity_key = days.identity_key
    group by identities.source_system
),

-- Orders that count at the date although a cancellation is to come.
pending as (
    select days.identity_key, dates.as_of_date
    from days
    inner join dates
        on days.order_date < dates.as_of_date
        and days.cancelled_date >= dates.as_of_date
    group by days.identity_key, dates.as_of_date
),

quiet as (
    select * from {{ ref('ftr_quiet_visitors') }}
),

-- Who is known at each date, and from when on the customer's source says something of orders, their
-- lines and categories: before that, a count is unknown and not zero.
final as (
    select
        dates.as_of_date,
        identities.customer_key,
        identities.identity_key,
        identities.customer_id,
        source_firsts.first_order_date as source_first_order_date,
        source_firsts.first_line_date as source_first_line_date,
        source_firsts.first_category_date as source_first_category_date,
        merged.customer_key is null and pending.identity_key is null as is_additive
    from dates
    inner join identities
        on identities.valid_from < dates.as_of_date
        and (identities.valid_to is null or identities.valid_to >= dates.as_of_date)
    left join source_firsts
        on source_firsts.source_system = identities.source_system
    left join merged
        on merged.customer_key = identities.customer_key
    left join pending
        on pending.identity_key = identities.identity_key
        and pending.as_of_date = dates.as_of_date
    left join quiet
        on quiet.customer_key = identities.customer_key
        and quiet.as_of_date = dates.as_of_date
    where quiet.customer_key is null
)

-- In the order of the batches.
select * from final
order by customer_key
