with touches as (
    select * from {{ ref('fct_ad_touches') }}
),

keys as (
    select distinct identity_id, identity_key
    from {{ ref('ftr_identities') }}
),

final as (
    select
        keys.identity_key,
        cast(touches.occurred_at as date) as event_date,
        cast(count(*) as double) as touch_count,
        cast(sum(case when touches.touch_type = 'click' then 1 else 0 end) as double) as click_count,
        cast(sum(touches.cost_amount) as decimal(18, 4)) as cost_amount
    from touches
    inner join keys
        on keys.identity_id = touches.identity_id
    group by keys.identity_key, cast(touches.occurred_at as date)
)

-- In the order in which it is grouped, as the lines are.
select * from final
order by identity_key
