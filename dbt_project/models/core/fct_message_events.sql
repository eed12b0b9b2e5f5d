{%- set types = ['source_customer_id', 'email', 'phone'] -%}

-- The events are read three times and not once by name: an engine would keep all of them in memory.
with identities as (
    select * from {{ identifiers() }}
),

subjects as (
    select subject, {{ as_words('subject') }} as words
    from {{ ref('stg_all__message_events') }}
    where subject is not null
    group by subject
),

kinds as (
    select
        subject
        {%- for kind in subject_kinds() %},
        {{ has_any('subject', 'words', var('subject_words')[kind]) }} as has_{{ kind }}_subject
        {%- endfor %}
    from subjects
),

-- Platforms that do not report the sending report the delivery. A message id may be that of a campaign: a message is what one person got of it. No hash in its
-- place: among millions of similar texts some have the same.
sendings as (
    select message_id, {{ identifier_of(types) }} as identifier, min(occurred_at) as sent_at
    from {{ ref('stg_all__message_events') }}
    where event_type in ('sent', 'delivered') and message_id is not null
    group by message_id, {{ identifier_of(types) }}
),

events as (
    select
        *,
        {{ identifier_type_of(types) }} as identifier_type,
        {{ identifier_of(types) }} as identifier
    from {{ ref('stg_all__message_events') }}
),

timed as (
    select
        events.*,
        identities.identity_id,
        case
            when events.message_id is null and events.event_type in ('sent', 'delivered') then events.occurred_at
            else sendings.sent_at
        end as sent_at
    from events
    inner join identities
        on identities.source_system = events.source_system
        and identities.identifier_type = events.identifier_type
        and identities.identifier = events.identifier
    left join sendings
        on sendings.message_id = events.message_id
        and sendings.identifier = events.identifier
),

final as (
    select
        timed.event_id,
        timed.identity_id,
        timed.source_system,
        timed.occurred_at,
        timed.channel,
        timed.event_type,
        timed.message_id,
        timed.campaign_id,
        timed.variant,
        timed.sent_at,
        case
            when timed.event_type in ('opened', 'clicked') and timed.sent_at <= timed.occurred_at
                then {{ hours_between('timed.sent_at', 'timed.occurred_at') }}
        end as reaction_hours
        {%- for kind in subject_kinds() %},
        kinds.has_{{ kind }}_subject
        {%- endfor %}
    from timed
    left join kinds
        on kinds.subject = timed.subject
)

select * from final
