with signals as (
    select * from {{ source('core', 'fct_text_signals') }}
),

keys as (
    select distinct identity_id, identity_key
    from {{ ref('ftr_identities') }}
),

-- Mood and topics of what an identity wrote on a day, additive.
final as (
    select
        keys.identity_key,
        cast(signals.occurred_at as date) as text_date,
        count(case when signals.text_kind = 'ticket' then signals.sentiment end) as ticket_count,
        sum(case when signals.text_kind = 'ticket' then signals.sentiment end) as ticket_sentiment_sum,
        sum(case when signals.text_kind = 'ticket' and signals.sentiment <= -0.05 then 1 end) as negative_ticket_count,
        count(case when signals.text_kind = 'review' then signals.sentiment end) as review_count,
        sum(case when signals.text_kind = 'review' then signals.sentiment end) as review_sentiment_sum,
        count(signals.topic_id) as topic_text_count
        {%- for topic in vector_axes() %},
        sum(signals.topic_{{ topic }}_weight) as topic_{{ topic }}_sum
        {%- endfor %}
    from signals
    inner join keys
        on keys.identity_id = signals.identity_id
    group by keys.identity_key, cast(signals.occurred_at as date)
)

select * from final
order by identity_key
