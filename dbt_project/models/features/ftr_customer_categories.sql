{{ config(materialized='table_in_batches') }}

with population as (
    select * from {{ ref('ftr_population') }}
    where {{ in_batch() }}
),

lines as (
    select * from {{ ref('ftr_identity_lines') }}
    where category_code is not null
),

spend as (
    select
        population.customer_id,
        population.as_of_date,
        lines.category_code,
        cast(sum(lines.line_amount) as double) as spend_amount
    from population
    inner join lines
        on lines.identity_id = population.identity_id
        and {{ counts_at('lines', 'population') }}
        and {{ described_at('lines', 'population') }}
        and {{ days_between('lines.order_date', 'population.as_of_date') }} <= 364
    group by population.customer_id, population.as_of_date, lines.category_code
),

-- Shares are of what was bought: a category whose returns outweigh it has none.
ranked as (
    select
        customer_id,
        as_of_date,
        max({{ ranked_code('spend_amount', 'category_code') }}) as ranked_code,
        -- Shannon's entropy of the shares, in nats; rounded, so that one category alone is 0.
        round(abs(
            ln(sum(spend_amount)) - sum(spend_amount * ln(spend_amount)) / sum(spend_amount)
        ), 12) as category_entropy,
        max(spend_amount) / sum(spend_amount) as top_category_share
    from spend
    where spend_amount > 0
    group by customer_id, as_of_date
),

names as (
    select distinct category_code, category
    from {{ ref('dim_products') }}
),

final as (
    select
        ranked.customer_id,
        ranked.as_of_date,
        names.category as top_category,
        ranked.category_entropy,
        ranked.top_category_share
    from ranked
    left join names
        on names.category_code = {{ best_code('ranked.ranked_code') }}
)

select * from final
