{{ config(materialized='table_in_batches') }}

with population as (
    select * from {{ ref('ftr_population') }}
    where {{ in_batch() }}
),

messages as (
    select * from {{ ref('ftr_identity_messages') }}
),

known as (
    select
        population.customer_key,
        population.as_of_date,
        messages.*,
        {{ days_between('messages.message_date', 'population.as_of_date') }} as age_days,
        messages.sent_date < population.as_of_date as is_sent,
        messages.opened_date < population.as_of_date as is_opened,
        messages.clicked_date < population.as_of_date as is_clicked,
        messages.reacted_date < population.as_of_date as is_reacted
    from population
    inner join messages
        on messages.identity_key = population.identity_key
        and messages.message_date < population.as_of_date
),

-- First by channel and age, which are few, and only then side by side: a tenth of the sums.
final as (
    select
        customer_key,
        as_of_date,
        channel_code,
        case when age_days <= 28 then 28 when age_days <= 91 then 91 when age_days <= 364 then 364 else 9999 end
            as age_group,
        count(case when is_sent then 1 end) as sent_count,
        count(case when is_opened then 1 end) as opened_count,
        count(case when is_clicked then 1 end) as clicked_count,
        count(case when is_sent and is_reacted then 1 end) as reacted_count,
        {%- for kind in subject_kinds() %}
        count(case when is_sent and has_{{ kind }}_subject then 1 end) as {{ kind }}_sent_count,
        count(case when is_sent and has_{{ kind }}_subject and is_opened then 1 end) as {{ kind }}_opened_count,
        {%- endfor %}
        {%- for type in ['bounced', 'complained', 'unsubscribed'] %}
        count(case when {{ type }}_date < as_of_date and {{ days_between(type ~ '_date', 'as_of_date') }} <= 364 then 1 end)
            as {{ type }}_count,
        {%- endfor %}
        sum(case when is_reacted then reaction_hours end) as reaction_hours,
        count(case when is_reacted then reaction_hours end) as timed_count,
        max(case when is_opened then opened_date end) as last_opened_date,
        max(case when is_clicked then clicked_date end) as last_clicked_date,
        sum(case when is_opened then opened_weight else 0 end + case when is_clicked then clicked_weight else 0 end)
            as decayed_engagement
    from known
    group by customer_key, as_of_date, channel_code, age_group
)

select * from final
