with rates as (
    {{ union_sources('fx_rates', global_ids=[]) }}
),

ranked as (
    select
        rates.*,
        row_number() over (partition by rate_date, currency order by source_system) as rank_of_source
    from rates
),

-- One rate for a day and currency: that of the first source by name.
final as (
    select
        source_system,
        rate_date,
        currency,
        rate
    from ranked
    where rank_of_source = 1
)

select * from final
