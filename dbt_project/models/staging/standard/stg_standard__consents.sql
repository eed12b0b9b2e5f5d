with consents as (
    select * from {{ source('raw', 'standard__consents') }}
),

final as (
    select
        source_customer_id,
        email,
        phone,
        anonymous_id,
        purpose,
        status,
        recorded_at,
        origin
    from consents
)

select * from final
