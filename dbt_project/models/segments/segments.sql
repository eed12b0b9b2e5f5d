with versions as (
    select
        *,
        min(effective_from) over (partition by segment_id) as first_effective_from,
        row_number() over (partition by segment_id order by version desc) as recency
    from {{ source('segments', 'segment_catalogue') }}
),

-- Of a cluster the lens: clusters of two lenses may have the same name.
final as (
    select
        segment_id,
        version,
        segment_name,
        kind,
        definition,
        exit_definition,
        minimum_stay_days,
        segment_description,
        owner,
        purpose,
        status,
        review_by,
        lookalikes_wanted_count,
        definition_digest,
        effective_from,
        first_effective_from,
        case
            when kind = 'cluster'
                then nullif(regexp_extract(definition, 'cluster_([a-z0-9_]+) = ', 1), '')
        end as clustering
    from versions
    where recency = 1
)

select * from final
