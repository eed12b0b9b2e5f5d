with decisions as (
    select
        target,
        'promote' as action,
        model_version,
        effective_from,
        trained_as_of as decided_as_of,
        0 as decision_number,
        'training' as decided_by,
        reason
    from {{ source('models', 'model_versions') }}
    where is_promoted
    union all
    select
        target,
        action,
        model_version,
        effective_from,
        decided_as_of,
        decision_number,
        decided_by,
        reason
    from {{ source('models', 'promotions') }}
),

-- Of equal dates the last decision counts; a person's is made after training.
ranked as (
    select
        *,
        row_number() over (
            partition by target, effective_from order by decided_as_of desc, decision_number desc
        ) as place
    from decisions
),

final as (
    select
        target,
        effective_from as in_force_from,
        lead(effective_from) over (partition by target order by effective_from) as in_force_to,
        model_version,
        action,
        decided_by,
        reason
    from ranked
    where place = 1
)

select * from final
