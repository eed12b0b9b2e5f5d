{{ config(materialized='table_in_batches') }}

with population as (
    select * from {{ ref('ftr_population') }}
    where {{ in_batch() }}
),

decisions as (
    select * from {{ ref('ftr_identity_consents') }}
),

-- The newest decision: an even number denies. Who was never asked has none, and may not be addressed.
final as (
    select
        population.customer_key,
        population.as_of_date
        {%- for purpose in consent_purposes() %},
        cast(mod(max(case when decisions.purpose = '{{ purpose }}' then decisions.ranked_decision end), 2) as double)
            as {{ purpose }}_consent,
        cast(
            {{ days_between(
                "max(case when decisions.purpose = '" ~ purpose ~ "' then decisions.recorded_date end)",
                'population.as_of_date'
            ) }} as double
        ) as {{ purpose }}_consent_recency_days
        {%- endfor %}
    from population
    inner join decisions
        on decisions.identity_key = population.identity_key
        and decisions.recorded_date < population.as_of_date
    group by population.customer_key, population.as_of_date
)

select * from final
