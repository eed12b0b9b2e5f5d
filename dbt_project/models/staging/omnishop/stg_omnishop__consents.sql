with receipts as (
    select
        {{ in_our_words('identifier_type', omnishop_words('consent_identifier')) }} as identifier_type,
        trim(identifier) as identifier,
        {{ in_our_words('purpose', omnishop_words('purpose')) }} as purpose,
        -- A status that nobody knows is no permission.
        coalesce({{ in_our_words('status', omnishop_words('status')) }}, 'denied') as status,
        interaction_date as recorded_at,
        {{ text_or_null('collection_point') }} as origin
    from {{ source('raw', 'omnishop__consent_receipts') }} as receipts
    where {{ is_newest_version(source('raw', 'omnishop__consent_receipts'), 'receipts', ['id']) }}
),

final as (
    select
        case when identifier_type = 'source_customer_id' then 'shop:' || identifier end as source_customer_id,
        case when identifier_type = 'email' then identifier end as email,
        case when identifier_type = 'phone' then identifier end as phone,
        case when identifier_type = 'anonymous_id' then identifier end as anonymous_id,
        purpose,
        status,
        recorded_at,
        origin
    from receipts
    where identifier_type is not null and purpose is not null
)

select * from final
