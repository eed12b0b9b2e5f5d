with consents as (
    select * from {{ ref('fct_consents') }}
),

keys as (
    select distinct identity_id, identity_key
    from {{ ref('ftr_identities') }}
),

-- Numbered by time, a denial after a grant of the same time: whatever identities are one customer,
-- the decision with the highest number holds.
final as (
    select
        keys.identity_key,
        consents.purpose,
        cast(consents.recorded_at as date) as recorded_date,
        row_number() over (
            order by
                consents.recorded_at asc,
                consents.is_granted desc nulls last,
                consents.identity_id asc,
                consents.purpose asc
        ) * 2 + case when consents.is_granted then 1 else 0 end as ranked_decision
    from consents
    inner join keys
        on keys.identity_id = consents.identity_id
)

select * from final
order by identity_key
