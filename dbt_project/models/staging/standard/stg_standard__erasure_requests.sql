with erasure_requests as (
    select * from {{ source('raw', 'standard__erasure_requests') }}
),

final as (
    select
        request_id,
        requested_at,
        source_customer_id,
        email,
        phone
    from erasure_requests
    where {{ is_newest_version(source('raw', 'standard__erasure_requests'), 'erasure_requests', ['request_id']) }}
)

select * from final
