{{ config(materialized='table_in_batches') }}

with population as (
    select * from {{ ref('ftr_population') }}
    where {{ in_batch() }}
),

messages as (
    select * from {{ ref('ftr_identity_messages') }}
    where reacted_date is not null
),

-- A click weighs as much again as the opening.
known as (
    select
        population.customer_key,
        population.as_of_date,
        messages.reacted_hour,
        messages.reacted_weekday,
        case when messages.clicked_date < population.as_of_date then 2 else 1 end as weight
    from population
    inner join messages
        on messages.identity_key = population.identity_key
        and messages.reacted_date < population.as_of_date
        and {{ days_between('messages.reacted_date', 'population.as_of_date') }} <= 364
),

hours as (
    select
        customer_key,
        as_of_date,
        reacted_hour,
        {%- for weekday in range(1, 8) %}
        sum(case when reacted_weekday = {{ weekday }} then weight else 0 end) as weekday_{{ weekday }},
        {%- endfor %}
        sum(weight) as weight
    from known
    group by customer_key, as_of_date, reacted_hour
),

-- Of equals, the earliest.
final as (
    select
        customer_key,
        as_of_date,
        cast({{ best_code('max(' ~ ranked_code('weight', 'reacted_hour') ~ ')') }} as double) as best_send_hour,
        cast(7 - mod(greatest(
            {%- for weekday in range(1, 8) %}
            sum(weekday_{{ weekday }}) * 8 + {{ 7 - weekday }}{{ ',' if not loop.last }}
            {%- endfor %}
        ), 8) as double) as best_send_weekday
    from hours
    group by customer_key, as_of_date
)

select * from final
