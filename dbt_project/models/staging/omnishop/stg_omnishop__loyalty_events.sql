with activities as (
    select
        id as event_id,
        created_at as occurred_at,
        trim(loyalty_number) as loyalty_id,
        {{ in_our_words('activity_type', omnishop_words('loyalty')) }} as event_type,
        points,
        {{ text_or_null('tier') }} as tier
    from {{ source('raw', 'omnishop__loyalty_activities') }} as activities
    where {{ is_newest_version(source('raw', 'omnishop__loyalty_activities'), 'activities', ['id']) }}
),

final as (
    select * from activities
    where event_type is not null
)

select * from final
