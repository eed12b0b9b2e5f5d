with products as (
    select
        identity_key,
        order_date,
        lag(order_date) over (partition by identity_key, product_key order by order_date) as previous_date
    from {{ ref('ftr_identity_lines') }}
    where cancelled_date is null and not is_return
),

days as (
    select
        identity_key,
        order_date,
        {{ days_between('previous_date', 'order_date') }} as gap_days
    from products
    where previous_date is null or previous_date < order_date
),

-- How many distinct products lie in [D - w, D) is how many purchases there have their previous one
-- before D - w. So the days since the previous one is all that must be kept, and a gap beyond the
-- longest window is the same as none.
final as (
    select
        identity_key,
        order_date,
        case when gap_days < 364 then gap_days end as gap_days,
        cast(count(*) as integer) as product_count
    from days
    group by identity_key, order_date, case when gap_days < 364 then gap_days end
)

-- In the order in which it is grouped, as the lines are.
select * from final
order by identity_key
