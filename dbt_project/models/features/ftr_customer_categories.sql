with population as (
    select * from {{ ref('ftr_population') }}
),

categories as (
    select * from {{ ref('ftr_identity_categories') }}
),

spend as (
    select
        population.customer_id,
        population.as_of_date,
        categories.category_code,
        cast(sum(categories.spend_amount) as double) as spend_amount
    from population
    inner join categories
        on categories.identity_id = population.identity_id
        and {{ counts_at('categories', 'population') }}
        and {{ described_at('categories', 'population') }}
        and {{ days_between('categories.order_date', 'population.as_of_date') }} <= 364
    group by population.customer_id, population.as_of_date, categories.category_code
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
