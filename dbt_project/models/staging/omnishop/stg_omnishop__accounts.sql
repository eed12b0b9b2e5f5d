with companies as (
    select * from {{ source('raw', 'omnishop__crm_companies') }}
),

final as (
    select
        id as account_id,
        coalesce({{ text_or_null('name') }}, {{ text_or_null('domain') }}, id) as account_name,
        {{ text_or_null('industry') }} as industry,
        numberofemployees as employees,
        case
            when annualrevenue < 1e6 then 'below 1M'
            when annualrevenue < 1e7 then '1M to 10M'
            when annualrevenue < 1e8 then '10M to 100M'
            when annualrevenue >= 1e8 then '100M and more'
        end as revenue_band,
        {{ text_or_null('hubspot_owner_id') }} as owner,
        hs_lastmodifieddate as updated_at
    from companies
    where {{ is_newest_version(source('raw', 'omnishop__crm_companies'), 'companies', ['id']) }}
)

select * from final
