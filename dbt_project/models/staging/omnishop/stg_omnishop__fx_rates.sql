with fx_rates as (
    select * from {{ source('raw', 'omnishop__fx_rates') }}
),

final as (
    select
        rate_date,
        upper(trim(currency)) as currency,
        rate
    from fx_rates
    where {{ is_newest_version(source('raw', 'omnishop__fx_rates'), 'fx_rates', ['rate_date', 'currency']) }}
)

select * from final
