with reviews as (
    select * from {{ ref('stg_all__reviews') }}
),

identities as (
    select * from {{ identifiers() }}
    where identifier_type = 'source_customer_id'
),

final as (
    select
        reviews.review_id,
        identities.identity_id,
        reviews.source_system,
        reviews.created_at,
        reviews.kind,
        reviews.product_id,
        reviews.rating
    from reviews
    inner join identities
        on identities.source_system = reviews.source_system
        and identities.identifier = reviews.source_customer_id
)

select * from final
