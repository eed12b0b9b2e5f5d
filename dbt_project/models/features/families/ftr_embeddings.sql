{{ config(materialized='table_in_batches') }}

with population as (
    select * from {{ ref('ftr_population') }}
    where {{ in_batch() }}
),

dates as (
    select * from {{ ref('ftr_encoder_dates') }}
),

days as (
    select
        *,
        power(2, {{ decay_exponent('order_date') }}) as growth
    from {{ ref('ftr_identity_vector_days') }}
),

known as (
    select
        population.customer_key,
        population.as_of_date,
        days.*
    from population
    inner join dates
        on dates.as_of_date = population.as_of_date
    inner join days
        on days.identity_key = population.identity_key
        and days.encoder = dates.encoder
        and days.effective_from = dates.effective_from
        and {{ counts_at('days', 'population') }}
        and {{ described_at('days', 'population') }}
        and {{ days_between('days.order_date', 'population.as_of_date') }} <= 364
),

-- The mean of the vectors, each weighing half as much every 42 days.
final as (
    select
        customer_key,
        as_of_date
        {%- for encoder, prefix in [('products', 'product'), ('behaviour', 'behaviour')] %}
        {%- for axis in vector_axes() %},
        {{ ratio(
            "sum(case when encoder = '" ~ encoder ~ "' then vector_" ~ axis ~ " * growth end)",
            "sum(case when encoder = '" ~ encoder ~ "' then token_count * growth end)"
        ) }} as {{ prefix }}_vector_{{ axis }}
        {%- endfor %}
        {%- endfor %}
    from known
    group by customer_key, as_of_date
)

select * from final
