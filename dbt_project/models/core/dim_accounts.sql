with accounts as (
    select * from {{ ref('stg_all__accounts') }}
),

final as (
    select
        account_id,
        source_system,
        account_name,
        industry,
        employees,
        revenue_band,
        owner,
        updated_at
    from accounts
)

select * from final
