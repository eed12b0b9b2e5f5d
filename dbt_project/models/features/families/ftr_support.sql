{{ config(materialized='table_in_batches') }}
{%- set channels = {'chat': 1, 'email': 2, 'phone': 3, 'social': 4, 'web': 5} -%}

with population as (
    select * from {{ ref('ftr_population') }}
    where {{ in_batch() }}
),

tickets as (
    select
        keys.identity_key,
        tickets.channel,
        tickets.satisfaction_rate,
        cast(tickets.opened_at as date) as opened_date,
        cast(tickets.closed_at as date) as closed_date,
        cast(tickets.rated_at as date) as rated_date,
        {{ hours_between('tickets.opened_at', 'tickets.closed_at') }} as open_hours
    from {{ ref('fct_support_tickets') }} as tickets
    inner join (select distinct identity_id, identity_key from {{ ref('ftr_identities') }}) as keys
        on keys.identity_id = tickets.identity_id
),

known as (
    select
        population.customer_key,
        population.as_of_date,
        tickets.*,
        {{ days_between('tickets.opened_date', 'population.as_of_date') }} as age_days,
        tickets.closed_date < population.as_of_date as is_closed,
        tickets.rated_date < population.as_of_date as is_rated
    from population
    inner join tickets
        on tickets.identity_key = population.identity_key
        and tickets.opened_date < population.as_of_date
),

final as (
    select
        customer_key,
        as_of_date,
        {%- for days in [28, 91, 364] %}
        cast(count(case when age_days <= {{ days }} then 1 end) as double) as support_tickets_{{ days }}d_count,
        {%- endfor %}
        cast(count(case when is_closed then null else 1 end) as double) as support_tickets_open_count,
        avg(case when is_closed and age_days <= 364 then open_hours end) as support_close_364d_hours,
        avg(case when is_rated and age_days <= 364 then satisfaction_rate end) as support_satisfaction_364d_rate,
        cast(count(case when is_rated and age_days <= 364 and satisfaction_rate < 0.5 then 1 end) as double)
            as support_unhappy_364d_count,
        cast({{ days_between('max(opened_date)', 'as_of_date') }} as double) as support_recency_days,
        case mod(greatest(
            {%- for channel, code in channels.items() %}
            count(case when channel = '{{ channel }}' and age_days <= 364 then 1 end) * 8
            + case when count(case when channel = '{{ channel }}' and age_days <= 364 then 1 end) > 0 then {{ 7 - code }} else 0 end
            {{- ',' if not loop.last }}
            {%- endfor %}
        ), 8)
            {%- for channel, code in channels.items() %}
            when {{ 7 - code }} then '{{ channel }}'
            {%- endfor %}
        end as support_channel
    from known
    group by customer_key, as_of_date
)

select * from final
