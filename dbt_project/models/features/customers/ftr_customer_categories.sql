{{ config(materialized='view') }}

with population as (
    select * from {{ ref('ftr_population') }}
),

lines as (
    select * from {{ ref('ftr_identity_lines') }}
    where category_code is not null
),

spend as (
    select
        population.customer_key,
        population.as_of_date,
        lines.category_code,
        cast(sum(lines.line_amount) as double) as spend_amount,
        max(case when not lines.is_return then lines.order_date end) as last_date
    from population
    inner join lines
        on lines.identity_key = population.identity_key
        and {{ counts_at('lines', 'population') }}
        and {{ described_at('lines', 'population') }}
        and {{ days_between('lines.order_date', 'population.as_of_date') }} <= 364
    group by population.customer_key, population.as_of_date, lines.category_code
),

-- Shares are of what was bought: a category whose returns outweigh it has none. Distinct categories
-- in a window are those whose youngest purchase lies in it.
ranked as (
    select
        customer_key,
        as_of_date,
        max(case when spend_amount > 0 then {{ ranked_code('spend_amount', 'category_code') }} end) as ranked_code,
        {%- for days in feature_windows() %}
        cast(sum(case when {{ days_between('last_date', 'as_of_date') }} <= {{ days }} then 1 else 0 end) as integer) as category_{{ days }}d,
        {%- endfor %}
        sum(greatest(spend_amount, 0)) as bought_amount,
        sum(case when spend_amount > 0 then spend_amount * ln(spend_amount) end) as log_amount,
        max(spend_amount) as top_amount
    from spend
    group by customer_key, as_of_date
),

names as (
    select distinct category_code, category
    from {{ ref('dim_products') }}
),

-- Shannon's entropy of the shares, in nats; rounded, so that one category alone is 0.
final as (
    select
        ranked.customer_key,
        ranked.as_of_date,
        {%- for days in feature_windows() %}
        ranked.category_{{ days }}d,
        {%- endfor %}
        names.category as top_category,
        case
            when ranked.ranked_code is not null
                then round(abs(ln(ranked.bought_amount) - ranked.log_amount / ranked.bought_amount), 12)
        end as category_entropy,
        case when ranked.ranked_code is not null then ranked.top_amount / ranked.bought_amount end as top_category_share
    from ranked
    left join names
        on names.category_code = {{ best_code('ranked.ranked_code') }}
)

select * from final
