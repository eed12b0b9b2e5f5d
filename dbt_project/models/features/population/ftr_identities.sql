with identities as (
    select
        *,
        min(customer_id) over (partition by identity_id) as least_customer_id
    from {{ customer_identities() }}
),

-- Small whole numbers in place of texts, for this build alone: every join and aggregate of the
-- feature mart works with them, which takes half the time. Identities are numbered in the order of
-- their customers, so that what belongs to a range of customers lies together.
final as (
    select
        identity_id,
        customer_id,
        source_system,
        identifier_type in ('anonymous_id', 'device_id') as is_anonymous,
        valid_from,
        valid_to,
        cast(dense_rank() over (order by least_customer_id, identity_id) as integer) as identity_key,
        cast(dense_rank() over (order by customer_id) as integer) as customer_key
    from identities
)

select * from final
