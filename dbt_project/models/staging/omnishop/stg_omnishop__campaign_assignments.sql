with recipients as (
    select
        campaign_id,
        'email:' || profile_id as source_customer_id,
        assigned_at,
        {{ in_our_words('arm', omnishop_words('arm')) }} as arm,
        {{ text_or_null('variation') }} as variant,
        coalesce(is_randomised, false) as is_randomised,
        exposed_at
    from {{ source('raw', 'omnishop__email_campaign_recipients') }} as recipients
    where {{ is_newest_version(
        source('raw', 'omnishop__email_campaign_recipients'), 'recipients', ['campaign_id', 'profile_id']
    ) }}
),

final as (
    select * from recipients
    where arm is not null
)

select * from final
