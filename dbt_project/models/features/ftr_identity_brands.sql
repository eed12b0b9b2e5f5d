with final as (
    select
        identity_id,
        brand_code,
        order_date,
        cancelled_date,
        sum(line_amount) as spend_amount
    from {{ ref('ftr_identity_lines') }}
    where brand_code is not null
    group by identity_id, brand_code, order_date, cancelled_date
)

select * from final
