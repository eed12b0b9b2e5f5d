with identities as (
    select * from {{ customer_identities() }}
    where valid_to is null
),

-- Several spellings can stand for one identity.
identifiers as (
    select identity_id, min(known_at) as known_at
    from {{ identifiers() }}
    group by identity_id
),

customers as (
    select * from {{ ref('stg_all__customers') }}
),

golden_records as (
    select * from {{ source('identity', 'golden_records') }}
),

first_orders as (
    select identity_id, min(ordered_at) as first_ordered_at
    from {{ ref('fct_orders') }}
    where not is_return
    group by identity_id
),

described as (
    select
        identities.customer_id,
        identities.identity_id,
        identities.source_system,
        coalesce(customers.created_at, identifiers.known_at) as created_at,
        customers.region,
        customers.country,
        customers.time_zone,
        first_orders.first_ordered_at,
        customers.attributes,
        row_number() over (
            partition by identities.customer_id
            order by
                case when customers.source_customer_id is null then 1 else 0 end,
                identifiers.known_at,
                identities.identity_id
        ) as age_rank
    from identities
    inner join identifiers
        on identifiers.identity_id = identities.identity_id
    left join customers
        on customers.source_system = identities.source_system
        and customers.source_customer_id = identities.identifier
        and identities.identifier_type = 'source_customer_id'
    left join first_orders
        on first_orders.identity_id = identities.identity_id
),

merged as (
    select
        customer_id,
        min(created_at) as created_at,
        min(first_ordered_at) as first_ordered_at
    from described
    group by customer_id
),

-- A customer of several identities is described by the golden record, and for what that does not
-- hold by the oldest identity that has a record.
final as (
    select
        described.customer_id,
        described.identity_id,
        described.source_system,
        merged.created_at,
        coalesce(golden_records.region, described.region) as region,
        coalesce(golden_records.country, described.country) as country,
        coalesce(golden_records.time_zone, described.time_zone) as time_zone,
        merged.first_ordered_at,
        described.attributes
    from described
    inner join merged
        on merged.customer_id = described.customer_id
    left join golden_records
        on golden_records.customer_id = described.customer_id
    where described.age_rank = 1
)

select * from final
