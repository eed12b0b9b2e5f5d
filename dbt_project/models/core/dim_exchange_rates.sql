with reporting as (
    select setting_value as currency
    from {{ source('ops', 'settings') }}
    where setting_name = 'reporting_currency'
),

rates as (
    select
        rates.currency,
        rates.rate_date,
        rates.rate,
        reporting.currency as reporting_currency
    from {{ ref('stg_all__fx_rates') }} as rates
    cross join reporting
    where rates.currency <> reporting.currency
),

-- A rate is in force from its date until the next one of its currency. An amount without a currency
-- is in the reporting one: it is looked up by the empty text.
final as (
    select
        currency,
        rate_date,
        coalesce(
            lead(rate_date) over (partition by currency order by rate_date), cast('9999-12-31' as date)
        ) as next_rate_date,
        rate,
        currency as source_currency,
        reporting_currency
    from rates

    union all

    select
        currency,
        cast('0001-01-01' as date) as rate_date,
        cast('9999-12-31' as date) as next_rate_date,
        cast(1 as double) as rate,
        currency as source_currency,
        currency as reporting_currency
    from reporting

    union all

    select
        '' as currency,
        cast('0001-01-01' as date) as rate_date,
        cast('9999-12-31' as date) as next_rate_date,
        cast(1 as double) as rate,
        currency as source_currency,
        currency as reporting_currency
    from reporting
)

select * from final
