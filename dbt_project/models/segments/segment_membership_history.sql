with transitions as (
    select * from {{ source('segments', 'segment_transitions') }}
),

paired as (
    select
        customer_id,
        segment_id,
        event,
        as_of_date as valid_from,
        lead(as_of_date) over (partition by customer_id, segment_id order by as_of_date) as valid_to
    from transitions
),

-- A stay lasts from an entry to the exit that follows it; the newest stay may be open.
final as (
    select
        customer_id,
        segment_id,
        valid_from,
        valid_to
    from paired
    where event = 'enter'
)

select * from final
