with lifecycle as (
    select customer_id, as_of_date, lifecycle_stage
    from {{ ref('lifecycle_stages') }}
    -- The newest judged date, which a run for an older date does not move.
    where as_of_date = (select max(as_of_date) from {{ ref('lifecycle_stages') }})
),

features as (
    select * from {{ ref('customer_features') }}
),

scores as (
    select
        customer_id,
        as_of_date
        {%- for target in scored_targets() %},
        max(case when target = '{{ target }}' then score end) as {{ target }}_score,
        max(case when target = '{{ target }}' then percentile end) as {{ target }}_percentile
        {%- endfor %}
    from {{ source('models', 'customer_scores') }}
    group by customer_id, as_of_date
),

clusters as (
    select distinct
        assignments.customer_id,
        assignments.as_of_date,
        assignments.cluster_id,
        profiles.cluster_name
    from {{ source('models', 'cluster_assignments') }} as assignments
    left join {{ source('models', 'cluster_profiles') }} as profiles
        on profiles.clustering = assignments.clustering
        and profiles.cluster_id = assignments.cluster_id
        and profiles.model_version = assignments.model_version
    where assignments.clustering = 'behaviour'
),

memberships as (
    select
        customer_id,
        {{ sorted_list('segment_id') }} as segments
    from {{ ref('segment_membership') }}
    group by customer_id
),

-- The columns are those of the contract; each is a column of one of the relations above.
final as (
    select
        lifecycle.customer_id,
        lifecycle.as_of_date
        {%- for column in model.columns if column not in ['customer_id', 'as_of_date'] %},
        {{ column }}
        {%- endfor %}
    from lifecycle
    inner join features
        on features.customer_id = lifecycle.customer_id and features.as_of_date = lifecycle.as_of_date
    left join scores
        on scores.customer_id = lifecycle.customer_id and scores.as_of_date = lifecycle.as_of_date
    left join clusters
        on clusters.customer_id = lifecycle.customer_id and clusters.as_of_date = lifecycle.as_of_date
    left join memberships
        on memberships.customer_id = lifecycle.customer_id
)

select * from final
