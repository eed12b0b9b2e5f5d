with reviews as (
    select * from {{ source('raw', 'standard__reviews') }}
),

final as (
    select
        review_id,
        created_at,
        kind,
        source_customer_id,
        product_id,
        rating,
        body
    from reviews
    where {{ is_newest_version(source('raw', 'standard__reviews'), 'reviews', ['review_id']) }}
)

select * from final
