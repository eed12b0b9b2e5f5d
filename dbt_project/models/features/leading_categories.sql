with dates as (
    select distinct
        as_of_date,
        cast(date_trunc('month', as_of_date) as date) as month_start
    from {{ source('ops', 'build_dates') }}
),

months as (
    select distinct month_start as as_of_date
    from dates
),

days as (
    select * from {{ ref('ftr_identity_category_days') }}
),

-- Which categories lead is decided on the first of the month of D, so that two of one size do not
-- change places from one week to the next. It depends on nothing but D.
spend as (
    select
        months.as_of_date as month_start,
        days.category_code,
        sum(days.spend_amount) as spend_amount
    from months
    inner join days
        on {{ counts_at('days', 'months') }}
        and {{ described_at('days', 'months') }}
        and {{ days_between('days.order_date', 'months.as_of_date') }} <= 364
    group by months.as_of_date, days.category_code
),

ranked as (
    select
        month_start,
        category_code,
        spend_amount,
        row_number() over (partition by month_start order by spend_amount desc, category_code asc) as spend_rank
    from spend
    where spend_amount > 0
),

leaders as (
    select
        dates.as_of_date,
        ranked.category_code,
        ranked.spend_rank,
        ranked.spend_amount
    from ranked
    inner join dates
        on dates.month_start = ranked.month_start
    where ranked.spend_rank <= {{ var('leading_categories') }}
),

buyers as (
    select
        leaders.as_of_date,
        leaders.category_code,
        count(distinct case when {{ days_between('days.order_date', 'leaders.as_of_date') }} <= 28 then days.identity_key end)
            as buyers_28d,
        count(distinct days.identity_key) as buyers_364d
    from leaders
    inner join days
        on days.category_code = leaders.category_code
        and {{ counts_at('days', 'leaders') }}
        and {{ described_at('days', 'leaders') }}
        and {{ days_between('days.order_date', 'leaders.as_of_date') }} <= 364
    group by leaders.as_of_date, leaders.category_code
),

ordering as (
    select
        dates.as_of_date,
        count(distinct orders.identity_key) as identity_count
    from dates
    inner join {{ ref('ftr_identity_days') }} as orders
        on {{ counts_at('orders', 'dates') }}
        and {{ days_between('orders.order_date', 'dates.as_of_date') }} <= 364
        and orders.order_count > 0
    group by dates.as_of_date
),

names as (
    select distinct category_code, category
    from {{ ref('dim_products') }}
),

final as (
    select
        leaders.as_of_date,
        names.category,
        leaders.spend_rank,
        cast(leaders.spend_amount as decimal(18, 4)) as category_sales_364d_amount,
        {{ ratio('coalesce(buyers.buyers_28d, 0)', 'ordering.identity_count') }} as category_buyers_28d_rate,
        {{ ratio('coalesce(buyers.buyers_364d, 0)', 'ordering.identity_count') }} as category_buyers_364d_rate
    from leaders
    inner join names
        on names.category_code = leaders.category_code
    left join buyers
        on buyers.as_of_date = leaders.as_of_date
        and buyers.category_code = leaders.category_code
    left join ordering
        on ordering.as_of_date = leaders.as_of_date
)

select * from final
