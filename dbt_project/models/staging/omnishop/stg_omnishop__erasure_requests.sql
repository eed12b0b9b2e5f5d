with requests as (
    select * from {{ source('raw', 'omnishop__consent_requests') }}
),

final as (
    select
        id as request_id,
        received_at as requested_at,
        {{ shop_login('shop_customer_id') }} as source_customer_id,
        {{ text_or_null('email') }} as email,
        {{ text_or_null('phone') }} as phone
    from requests
    where {{ is_newest_version(source('raw', 'omnishop__consent_requests'), 'requests', ['id']) }}
        and {{ in_our_words('request_type', omnishop_words('erasure')) }} is not null
)

select * from final
