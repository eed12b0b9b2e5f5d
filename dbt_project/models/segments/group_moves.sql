with groups as (
    select
        'lifecycle_stage' as lens,
        customer_id,
        as_of_date,
        lifecycle_stage as group_name
    from {{ ref('lifecycle_stages') }}

    union all

    select
        clustering as lens,
        customer_id,
        as_of_date,
        cluster_id as group_name
    from {{ source('models', 'cluster_assignments') }}
),

judged as (
    select distinct lens, as_of_date from groups
),

dated as (
    select
        lens,
        as_of_date,
        lag(as_of_date) over (partition by lens order by as_of_date) as from_date
    from judged
),

pairs as (
    select lens, as_of_date, from_date
    from dated
    where from_date is not null
        and as_of_date in (
            select as_of_date from {{ source('ops', 'build_dates') }}
            where purpose = 'membership'
        )
),

earlier as (
    select pairs.lens, pairs.as_of_date, groups.customer_id, groups.group_name
    from pairs
    inner join groups
        on groups.lens = pairs.lens and groups.as_of_date = pairs.from_date
),

later as (
    select pairs.lens, pairs.as_of_date, groups.customer_id, groups.group_name
    from pairs
    inner join groups
        on groups.lens = pairs.lens and groups.as_of_date = pairs.as_of_date
),

moved as (
    select
        coalesce(later.lens, earlier.lens) as lens,
        coalesce(later.as_of_date, earlier.as_of_date) as as_of_date,
        coalesce(earlier.group_name, 'absent') as from_group,
        coalesce(later.group_name, 'absent') as to_group
    from later
    full outer join earlier
        on earlier.lens = later.lens
        and earlier.as_of_date = later.as_of_date
        and earlier.customer_id = later.customer_id
),

counted as (
    select lens, as_of_date, from_group, to_group, count(*) as customer_count
    from moved
    group by lens, as_of_date, from_group, to_group
),

final as (
    select
        counted.lens,
        counted.as_of_date,
        counted.from_group,
        counted.to_group,
        pairs.from_date,
        counted.customer_count,
        {{ ratio('counted.customer_count', 'sum(counted.customer_count) over (partition by counted.lens, counted.as_of_date, counted.from_group)') }}
            as move_rate
    from counted
    inner join pairs
        on pairs.lens = counted.lens and pairs.as_of_date = counted.as_of_date
)

select * from final
