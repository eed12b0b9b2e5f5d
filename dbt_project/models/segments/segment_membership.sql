with history as (
    select * from {{ ref('segment_membership_history') }}
),

final as (
    select
        customer_id,
        segment_id,
        valid_from
    from history
    where valid_to is null
)

select * from final
