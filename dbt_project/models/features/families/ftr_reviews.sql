{{ config(materialized='table_in_batches') }}

with population as (
    select * from {{ ref('ftr_population') }}
    where {{ in_batch() }}
),

-- Numbered by time, so that the last of several is a maximum.
reviews as (
    select
        keys.identity_key,
        cast(reviews.created_at as date) as review_date,
        reviews.rating,
        row_number() over (order by reviews.created_at, reviews.review_id) as review_rank
    from {{ ref('fct_reviews') }} as reviews
    inner join (select distinct identity_id, identity_key from {{ ref('ftr_identities') }}) as keys
        on keys.identity_id = reviews.identity_id
),

sums as (
    select
        population.customer_key,
        population.as_of_date,
        cast(count(*) as double) as review_count,
        cast(count(case when {{ days_between('reviews.review_date', 'population.as_of_date') }} <= 364 then 1 end) as double)
            as reviews_364d_count,
        avg(reviews.rating) as review_mean_rating,
        max(case when reviews.rating is not null then reviews.review_rank end) as last_rank,
        cast({{ days_between('max(reviews.review_date)', 'population.as_of_date') }} as double) as review_recency_days
    from population
    inner join reviews
        on reviews.identity_key = population.identity_key
        and reviews.review_date < population.as_of_date
    group by population.customer_key, population.as_of_date
),

final as (
    select
        sums.customer_key,
        sums.as_of_date,
        sums.review_count,
        sums.reviews_364d_count,
        sums.review_mean_rating,
        reviews.rating as review_last_rating,
        sums.review_recency_days
    from sums
    left join reviews
        on reviews.review_rank = sums.last_rank
)

select * from final
