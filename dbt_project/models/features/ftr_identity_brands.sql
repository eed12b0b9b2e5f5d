with final as (
    select
        identity_id,
        brand_code,
        order_date,
        cancelled_date,
        described_date,
        sum(line_amount) as spend_amount,
        sum(case when is_private_brand then line_amount else 0 end) as private_brand_amount
    from {{ ref('ftr_identity_lines') }}
    where brand_code is not null
    group by identity_id, brand_code, order_date, cancelled_date, described_date
)

select * from final
