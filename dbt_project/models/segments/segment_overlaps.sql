with members as (
    select
        customer_id,
        segment_id
    from {{ ref('segment_membership') }}
),

newest as (
    select max(as_of_date) as as_of_date from {{ ref('lifecycle_stages') }}
),

sizes as (
    select segment_id, count(*) as customer_count
    from members
    group by segment_id
),

shared as (
    select
        members.segment_id,
        others.segment_id as other_segment_id,
        count(*) as overlap_count
    from members
    inner join members as others
        on others.customer_id = members.customer_id
        and others.segment_id <> members.segment_id
    group by members.segment_id, others.segment_id
),

final as (
    select
        shared.segment_id,
        shared.other_segment_id,
        newest.as_of_date,
        shared.overlap_count,
        {{ ratio('shared.overlap_count', 'sizes.customer_count') }} as overlap_rate,
        {{ ratio('shared.overlap_count', 'sizes.customer_count + other_sizes.customer_count - shared.overlap_count') }}
            as jaccard_rate
    from shared
    cross join newest
    inner join sizes
        on sizes.segment_id = shared.segment_id
    inner join sizes as other_sizes
        on other_sizes.segment_id = shared.other_segment_id
)

select * from final
