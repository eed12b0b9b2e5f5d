with history as (
    select * from {{ source('segments', 'segment_membership_history') }}
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
