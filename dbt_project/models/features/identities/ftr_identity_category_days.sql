with lines as (
    select * from {{ ref('ftr_identity_lines') }}
    where category_code is not null and not is_return
),

final as (
    select
        identity_key,
        category_code,
        order_date,
        cancelled_date,
        described_date,
        cast(sum(line_amount) as double) as spend_amount
    from lines
    group by identity_key, category_code, order_date, cancelled_date, described_date
)

-- In the order in which it is grouped, as the lines are.
select * from final
order by identity_key
