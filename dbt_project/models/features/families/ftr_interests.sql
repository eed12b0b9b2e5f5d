{{ config(materialized='table_in_batches') }}

with population as (
    select * from {{ ref('ftr_population') }}
    where {{ in_batch() }}
),

views as (
    select * from {{ ref('ftr_identity_views') }}
),

category_names as (
    select distinct category_code, category
    from {{ ref('dim_products') }}
),

brand_names as (
    select distinct brand_code, brand
    from {{ ref('dim_products') }}
),

bought as (
    select
        tops.customer_key,
        tops.as_of_date,
        category_names.category_code
    from {{ ref('ftr_customer_categories') }} as tops
    inner join category_names
        on category_names.category = tops.top_category
),

viewed as (
    select
        population.customer_key,
        population.as_of_date,
        views.category_code,
        views.brand_code,
        sum(views.view_count) as view_count
    from population
    inner join views
        on views.identity_key = population.identity_key
        and views.event_date < population.as_of_date
        and {{ described_at('views', 'population') }}
        and {{ days_between('views.event_date', 'population.as_of_date') }} <= 91
    group by population.customer_key, population.as_of_date, views.category_code, views.brand_code
),

category_views as (
    select customer_key, as_of_date, category_code, cast(sum(view_count) as double) as view_count
    from viewed
    where category_code is not null
    group by customer_key, as_of_date, category_code
),

brand_views as (
    select customer_key, as_of_date, brand_code, cast(sum(view_count) as double) as view_count
    from viewed
    where brand_code is not null
    group by customer_key, as_of_date, brand_code
),

categories as (
    select
        category_views.customer_key,
        category_views.as_of_date,
        cast(count(*) as double) as category_count,
        max({{ ranked_code('view_count', 'category_views.category_code') }}) as ranked_code,
        max(view_count) / sum(view_count) as top_share,
        round(abs(ln(sum(view_count)) - sum(view_count * ln(view_count)) / sum(view_count)), 12) as entropy,
        case
            when max(bought.category_code) is not null
                then sum(case when category_views.category_code = bought.category_code then view_count else 0 end) / sum(view_count)
        end as bought_share
    from category_views
    left join bought
        on bought.customer_key = category_views.customer_key
        and bought.as_of_date = category_views.as_of_date
    group by category_views.customer_key, category_views.as_of_date
),

brands as (
    select
        customer_key,
        as_of_date,
        cast(count(*) as double) as brand_count,
        max({{ ranked_code('view_count', 'brand_code') }}) as ranked_code,
        max(view_count) / sum(view_count) as top_share
    from brand_views
    group by customer_key, as_of_date
),

-- Shannon's entropy of the shares, in nats, as for what is bought.
final as (
    select
        coalesce(categories.customer_key, brands.customer_key) as customer_key,
        coalesce(categories.as_of_date, brands.as_of_date) as as_of_date,
        categories.category_count as viewed_categories_91d_count,
        brands.brand_count as viewed_brands_91d_count,
        category_names.category as viewed_top_category,
        categories.top_share as viewed_top_category_share_91d_rate,
        categories.entropy as viewed_category_entropy_91d,
        categories.bought_share as viewed_in_top_category_91d_rate,
        brand_names.brand as viewed_top_brand,
        brands.top_share as viewed_top_brand_share_91d_rate
    from categories
    full outer join brands
        on brands.customer_key = categories.customer_key and brands.as_of_date = categories.as_of_date
    left join category_names on category_names.category_code = {{ best_code('categories.ranked_code') }}
    left join brand_names on brand_names.brand_code = {{ best_code('brands.ranked_code') }}
)

select * from final
