with versions as (
    select * from {{ ref('stg_all__customers__history') }}
),

identities as (
    select * from {{ identifiers() }}
    where identifier_type = 'source_customer_id'
),

-- What a version says is known from its change on; a version without any time cannot be placed.
-- Of several versions of a day the last holds.
dated as (
    select
        identities.identity_id,
        versions.source_system,
        versions.account_id,
        cast(coalesce(versions.updated_at, versions.created_at) as date) as valid_from,
        row_number() over (
            partition by identities.identity_id, cast(coalesce(versions.updated_at, versions.created_at) as date)
            order by coalesce(versions.updated_at, versions.created_at) desc, versions.account_id nulls last
        ) as version_rank
    from versions
    inner join identities
        on identities.source_system = versions.source_system
        and identities.identifier = versions.source_customer_id
    where coalesce(versions.updated_at, versions.created_at) is not null
),

-- Only what changes the account: a new address does not begin another membership.
changes as (
    select
        *,
        lag(account_id) over (partition by identity_id order by valid_from) as previous_account_id,
        lag(valid_from) over (partition by identity_id order by valid_from) as previous_date
    from dated
    where version_rank = 1
),

spans as (
    select
        identity_id,
        source_system,
        account_id,
        valid_from,
        lead(valid_from) over (partition by identity_id order by valid_from) as valid_to
    from changes
    where previous_date is null or account_id is distinct from previous_account_id
),

final as (
    select
        identity_id,
        account_id,
        valid_from,
        source_system,
        valid_to
    from spans
    where account_id is not null
)

select * from final
