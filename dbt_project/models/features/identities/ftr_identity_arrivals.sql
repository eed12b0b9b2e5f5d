with launches as (
    select
        product_id,
        cast(launched_at as date) as launched_date
    from {{ ref('dim_products') }}
    where launched_at is not null
),

lines as (
    select * from {{ ref('fct_order_lines') }}
    where not is_return
),

views as (
    select * from {{ ref('fct_product_views') }}
),

keys as (
    select distinct identity_id, identity_key
    from {{ ref('ftr_identities') }}
),

-- What is done with a product before its launch is no reaction to it.
reactions as (
    select
        lines.identity_id,
        launches.product_id,
        cast(lines.ordered_at as date) as event_date,
        cast(lines.cancelled_at as date) as cancelled_date,
        {{ days_between('launches.launched_date', 'cast(lines.ordered_at as date)') }} as product_age_days,
        1 as line_count,
        0 as view_count
    from lines
    inner join launches
        on launches.product_id = lines.product_id
        and cast(lines.ordered_at as date) >= launches.launched_date
    union all
    select
        views.identity_id,
        launches.product_id,
        views.event_date,
        cast(null as date) as cancelled_date,
        {{ days_between('launches.launched_date', 'views.event_date') }} as product_age_days,
        0 as line_count,
        views.view_count
    from views
    inner join launches
        on launches.product_id = views.product_id
        and views.event_date >= launches.launched_date
),

firsts as (
    select
        *,
        row_number() over (
            partition by identity_id, product_id, line_count order by event_date, cancelled_date nulls first
        ) as turn
    from reactions
    where product_age_days <= 91
),

counted as (
    select
        identity_id,
        event_date,
        cancelled_date,
        line_count,
        view_count,
        case when product_age_days < 28 then line_count else 0 end as new_line_count,
        case when product_age_days < 28 then view_count else 0 end as new_view_count,
        0 as first_line_count,
        0 as first_line_days,
        0 as first_view_count,
        0 as first_view_days
    from reactions
    union all
    select
        identity_id,
        event_date,
        cancelled_date,
        0 as line_count,
        0 as view_count,
        0 as new_line_count,
        0 as new_view_count,
        line_count as first_line_count,
        line_count * product_age_days as first_line_days,
        1 - line_count as first_view_count,
        (1 - line_count) * product_age_days as first_view_days
    from firsts
    where turn = 1
),

final as (
    select
        keys.identity_key,
        counted.event_date as order_date,
        counted.cancelled_date
        {%- for column in arrival_sums() %},
        cast(sum(counted.{{ column }}) as double) as {{ column }}
        {%- endfor %}
    from counted
    inner join keys
        on keys.identity_id = counted.identity_id
    group by keys.identity_key, counted.event_date, counted.cancelled_date
)

-- In the order in which it is grouped, as the lines are.
select * from final
order by identity_key
