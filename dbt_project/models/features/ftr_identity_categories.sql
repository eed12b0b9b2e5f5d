with final as (
    select
        identity_id,
        category_code,
        order_date,
        cancelled_date,
        described_date,
        sum(case when is_return then 0 else 1 end) as line_count,
        sum(line_amount) as spend_amount
    from {{ ref('ftr_identity_lines') }}
    where category_code is not null
    group by identity_id, category_code, order_date, cancelled_date, described_date
)

select * from final
