with messages as (
    select
        id as campaign_id,
        {{ text_or_null('name') }} as campaign_name,
        lower({{ text_or_null('channel') }}) as channel,
        send_time as started_at,
        end_time as ended_at,
        cost as cost_amount,
        upper({{ text_or_null('currency') }}) as currency
    from {{ source('raw', 'omnishop__email_campaigns') }} as campaigns
    where {{ is_newest_version(source('raw', 'omnishop__email_campaigns'), 'campaigns', ['id']) }}
),

advertisements as (
    select
        campaign_id,
        {{ text_or_null('campaign_name') }} as campaign_name,
        'ads' as channel,
        cast(start_date as timestamp) as started_at,
        cast(end_date as timestamp) as ended_at,
        budget_amount as cost_amount,
        upper({{ text_or_null('currency') }}) as currency
    from {{ source('raw', 'omnishop__ads_campaigns') }} as campaigns
    where {{ is_newest_version(source('raw', 'omnishop__ads_campaigns'), 'campaigns', ['campaign_id']) }}
),

-- Ids of the platforms differ in practice; where they do not, the message's campaign stays.
final as (
    select * from messages
    union all
    select * from advertisements
    where campaign_id not in (select messages.campaign_id from messages)
)

select * from final
