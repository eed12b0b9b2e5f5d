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
        membership.customer_id,
        {{ sorted_array('membership.segment_id') }} as segment_ids
    from {{ ref('segment_membership') }} as membership
    inner join {{ ref('segments') }} as catalogue
        on catalogue.segment_id = membership.segment_id
    where catalogue.status = 'approved' and catalogue.kind <> 'cluster'
    group by membership.customer_id
),

-- The columns are those of the contract; each is a column of one of the relations above.
final as (
    select
        lifecycle.customer_id,
        lifecycle.as_of_date
        {%- for name, column in model.columns.items() if name not in ['customer_id', 'as_of_date', 'segments'] %},
        cast({{ name }} as {{ column.data_type }}) as {{ name }}
        {%- endfor %},
        coalesce(memberships.segment_ids, {{ empty_array() }}) as segments
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
