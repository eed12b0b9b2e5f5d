{{ config(materialized='table_in_batches') }}

with population as (
    select * from {{ ref('ftr_population') }}
    where {{ in_batch() }}
),

days as (
    select * from {{ ref('ftr_identity_text_days') }}
),

topics as (
    select * from {{ source('core', 'text_topics') }}
),

known as (
    select
        population.customer_key,
        population.as_of_date,
        {{ days_between('days.text_date', 'population.as_of_date') }} as age_days,
        max(case when days.ticket_count > 0 then days.text_date end)
            over (partition by population.customer_key, population.as_of_date) as last_ticket_date,
        days.*
    from population
    inner join days
        on days.identity_key = population.identity_key
        and days.text_date < population.as_of_date
),

summed as (
    select
        customer_key,
        as_of_date,
        {%- for days in [91, 364] %}
        {{ ratio(sum_within('ticket_sentiment_sum', days), sum_within('ticket_count', days)) }} as ticket_sentiment_{{ days }}d,
        {%- endfor %}
        {{ ratio(
            'sum(case when text_date = last_ticket_date then ticket_sentiment_sum end)',
            'sum(case when text_date = last_ticket_date then ticket_count end)'
        ) }} as last_ticket_sentiment,
        {{ ratio('coalesce(' ~ sum_within('negative_ticket_count', 364) ~ ', 0)', sum_within('ticket_count', 364)) }}
            as negative_tickets_364d_rate,
        {{ ratio(sum_within('review_sentiment_sum', 364), sum_within('review_count', 364)) }} as review_sentiment_364d
        {%- for topic in vector_axes() %},
        {{ ratio(sum_within('topic_' ~ topic ~ '_sum', 364), sum_within('topic_text_count', 364)) }} as topic_{{ topic }}_364d_rate
        {%- endfor %}
    from known
    group by customer_key, as_of_date
),

-- Rounded, so that a tie stays one; of equals the lower number.
ranked as (
    select
        *,
        greatest(
            {%- for topic in vector_axes() %}
            cast(round(topic_{{ topic }}_364d_rate * 1000000) as integer) * 10 + {{ 9 - loop.index }}{{ ',' if not loop.last }}
            {%- endfor %}
        ) as best_topic
    from summed
),

in_force as (
    select
        population.as_of_date,
        max(topics.effective_from) as effective_from
    from (select distinct as_of_date from population) as population
    inner join topics
        on topics.effective_from <= population.as_of_date
    group by population.as_of_date
),

final as (
    select
        ranked.customer_key,
        ranked.as_of_date,
        ranked.ticket_sentiment_91d,
        ranked.ticket_sentiment_364d,
        ranked.last_ticket_sentiment,
        ranked.negative_tickets_364d_rate,
        ranked.review_sentiment_364d,
        topics.topic_name as top_topic_364d
        {%- for topic in vector_axes() %},
        ranked.topic_{{ topic }}_364d_rate
        {%- endfor %}
    from ranked
    left join in_force
        on in_force.as_of_date = ranked.as_of_date
    left join topics
        on topics.effective_from = in_force.effective_from
        and topics.topic_id = 9 - mod(ranked.best_topic, 10)
)

select * from final
