{{ config(materialized='view') }}

with population as (
    select * from {{ ref('ftr_population') }}
),

lines as (
    select * from {{ ref('ftr_identity_lines') }}
    where brand_code is not null
),

spend as (
    select
        population.customer_key,
        population.as_of_date,
        lines.brand_code,
        sum(lines.line_amount) as spend_amount
    from population
    inner join lines
        on lines.identity_key = population.identity_key
        and {{ counts_at('lines', 'population') }}
        and {{ described_at('lines', 'population') }}
        and {{ days_between('lines.order_date', 'population.as_of_date') }} <= 364
    group by population.customer_key, population.as_of_date, lines.brand_code
),

names as (
    select distinct brand_code, brand, is_private_brand
    from {{ ref('dim_products') }}
),

-- Shares are of what was bought: a brand whose returns outweigh it cannot be the top.
ranked as (
    select
        spend.customer_key,
        spend.as_of_date,
        max(case when spend.spend_amount > 0 then {{ ranked_code('spend.spend_amount', 'spend.brand_code') }} end) as ranked_code,
        {{ ratio('max(spend.spend_amount)', 'sum(greatest(spend.spend_amount, 0))') }} as top_brand_share,
        {{ ratio('sum(case when names.is_private_brand then spend.spend_amount else 0 end)', 'sum(spend.spend_amount)') }}
            as private_brand_share
    from spend
    inner join names
        on names.brand_code = spend.brand_code
    group by spend.customer_key, spend.as_of_date
),

final as (
    select
        ranked.customer_key,
        ranked.as_of_date,
        names.brand as top_brand,
        case when ranked.ranked_code is not null then ranked.top_brand_share end as top_brand_share,
        ranked.private_brand_share
    from ranked
    left join names
        on names.brand_code = {{ best_code('ranked.ranked_code') }}
)

select * from final
