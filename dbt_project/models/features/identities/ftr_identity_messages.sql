with keys as (
    select distinct identity_id, identity_key
    from {{ ref('ftr_identities') }}
),

-- An event without a message id stands for itself.
events as (
    select
        keys.identity_key,
        {{ hash_key('coalesce(events.message_id, events.event_id)') }} as message_key,
        cast(events.occurred_at as date) as event_date,
        events.occurred_at,
        events.event_type,
        events.channel,
        events.sent_at,
        {%- for kind in subject_kinds() %}
        events.event_type in ('sent', 'delivered') and events.occurred_at = events.sent_at and events.has_{{ kind }}_subject
            as has_{{ kind }}_subject{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('fct_message_events') }} as events
    inner join keys
        on keys.identity_id = events.identity_id
),

messages as (
    select
        identity_key,
        message_key,
        min(channel) as channel,
        min(event_date) as message_date,
        min(case when event_type in ('sent', 'delivered') then event_date end) as sent_date,
        {%- for type in ['opened', 'clicked', 'bounced', 'complained', 'unsubscribed'] %}
        min(case when event_type = '{{ type }}' then event_date end) as {{ type }}_date,
        {%- endfor %}
        min(case when event_type in ('opened', 'clicked') then occurred_at end) as reacted_at,
        min(sent_at) as sent_at
        {%- for kind in subject_kinds() %},
        max(case when has_{{ kind }}_subject then 1 else 0 end) = 1 as has_{{ kind }}_subject
        {%- endfor %}
    from events
    group by identity_key, message_key
),

-- One narrow row per message, each thing that happened to it with the day it first did: what is
-- known at a date is whichever of the days lie before it. Channels are numbered by name.
final as (
    select
        identity_key,
        message_date,
        case channel
            when 'email' then 1
            when 'in_app' then 2
            when 'mail' then 3
            when 'push' then 4
            else 5
        end as channel_code,
        sent_date,
        opened_date,
        clicked_date,
        bounced_date,
        complained_date,
        unsubscribed_date,
        cast(reacted_at as date) as reacted_date,
        case
            when sent_at <= reacted_at
                then {{ hours_between('sent_at', 'reacted_at') }}
        end as reaction_hours,
        cast(extract(hour from reacted_at) as integer) as reacted_hour,
        {{ iso_weekday('cast(reacted_at as date)') }} as reacted_weekday,
        power(2, {{ decay_exponent('opened_date') }}) as opened_weight,
        power(2, {{ decay_exponent('clicked_date') }}) as clicked_weight
        {%- for kind in subject_kinds() %},
        has_{{ kind }}_subject
        {%- endfor %}
    from messages
)

-- In the order in which it is grouped, as the orders are.
select * from final
order by identity_key
