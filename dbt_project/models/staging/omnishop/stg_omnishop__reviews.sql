with reviews as (
    select * from {{ source('raw', 'omnishop__shop_reviews') }} as reviews
    where {{ is_newest_version(source('raw', 'omnishop__shop_reviews'), 'reviews', ['id']) }}
),

final as (
    select
        reviews.id as review_id,
        reviews.created_at,
        {{ in_our_words('reviews.kind', omnishop_words('review')) }} as kind,
        {{ reviewer_of('reviews') }} as source_customer_id,
        {{ text_or_null('reviews.product_id') }} as product_id,
        reviews.rating,
        coalesce({{ limited_text('reviews.body') }}, {{ limited_text('reviews.title') }}) as body
    from reviews
)

select * from final
