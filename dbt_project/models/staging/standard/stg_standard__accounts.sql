with accounts as (
    select * from {{ source('raw', 'standard__accounts') }}
),

final as (
    select
        account_id,
        account_name,
        industry,
        employees,
        revenue_band,
        owner,
        updated_at
    from accounts
    where {{ is_newest_version(source('raw', 'standard__accounts'), 'accounts', ['account_id']) }}
)

select * from final
