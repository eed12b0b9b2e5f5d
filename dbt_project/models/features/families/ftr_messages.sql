{%- set channels = {'email': 1, 'sms': 5, 'push': 4} -%}
{{ config(materialized='view') }}

with groups as (
    select * from {{ ref('ftr_customer_messages') }}
),

clock as (
    select * from {{ ref('ftr_customer_message_clock') }}
),

sums as (
    select
        customer_key,
        as_of_date,
        {%- for channel, code in channels.items() %}
        {%- for days in [28, 91, 364] %}
        {%- for what in ['sent', 'opened', 'clicked'] %}
        cast(sum(case when channel_code = {{ code }} and age_group <= {{ days }} then {{ what }}_count else 0 end) as double)
            as {{ channel }}_{{ what }}_{{ days }}d_count,
        {%- endfor %}
        {%- endfor %}
        {%- endfor %}
        {%- for code in range(1, 6) %}
        sum(case when channel_code = {{ code }} and age_group <= 364 then reacted_count else 0 end) as reacted_{{ code }},
        sum(case when channel_code = {{ code }} and age_group <= 364 then sent_count else 0 end) as sent_{{ code }},
        {%- endfor %}
        {%- for kind in subject_kinds() %}
        {{ share_of(
            'sum(case when age_group <= 364 then ' ~ kind ~ '_opened_count else 0 end)',
            'sum(case when age_group <= 364 then ' ~ kind ~ '_sent_count else 0 end)'
        ) }} as {{ kind }}_subject_open_364d_rate,
        {%- endfor %}
        {%- for type in ['bounced', 'complained', 'unsubscribed'] %}
        cast(sum({{ type }}_count) as double) as messages_{{ type }}_364d_count,
        {%- endfor %}
        {{ ratio(
            'sum(case when age_group <= 364 then reaction_hours end)',
            'sum(case when age_group <= 364 then timed_count end)'
        ) }} as message_reaction_364d_hours,
        {{ days_between('max(last_opened_date)', 'as_of_date') }} as message_open_recency_days,
        {{ days_between('max(last_clicked_date)', 'as_of_date') }} as message_click_recency_days,
        sum(decayed_engagement) * power(2, -{{ decay_exponent('as_of_date') }}) as message_engagement_decayed_count
    from groups
    group by customer_key, as_of_date
),

-- The channel of whose messages most are opened or clicked, in millionths; of equals the first by name.
preferred as (
    select
        *,
        greatest(
            {%- for code in range(1, 6) %}
            case
                when reacted_{{ code }} > 0
                    then cast(round(1e6 * reacted_{{ code }} / sent_{{ code }}) as bigint) * 8 + {{ 7 - code }}
                else 0
            end{{ ',' if not loop.last }}
            {%- endfor %}
        ) as ranked_channel
    from sums
),

final as (
    select
        preferred.customer_key,
        preferred.as_of_date,
        {%- for channel in channels %}
        {%- for days in [28, 91, 364] %}
        {%- for what in ['sent', 'opened', 'clicked'] %}
        {{ channel }}_{{ what }}_{{ days }}d_count,
        {%- endfor %}
        {{ share_of(channel ~ '_opened_' ~ days ~ 'd_count', channel ~ '_sent_' ~ days ~ 'd_count') }}
            as {{ channel }}_open_{{ days }}d_rate,
        {{ share_of(channel ~ '_clicked_' ~ days ~ 'd_count', channel ~ '_sent_' ~ days ~ 'd_count') }}
            as {{ channel }}_click_{{ days }}d_rate,
        {%- endfor %}
        {%- endfor %}
        message_reaction_364d_hours,
        cast(message_open_recency_days as double) as message_open_recency_days,
        cast(message_click_recency_days as double) as message_click_recency_days,
        message_engagement_decayed_count,
        case 7 - mod(nullif(ranked_channel, 0), 8)
            when 1 then 'email' when 2 then 'in_app' when 3 then 'mail' when 4 then 'push' when 5 then 'sms'
        end as preferred_message_channel,
        clock.best_send_hour,
        clock.best_send_weekday,
        messages_unsubscribed_364d_count,
        messages_complained_364d_count,
        messages_bounced_364d_count
        {%- for kind in subject_kinds() %},
        {{ kind }}_subject_open_364d_rate
        {%- endfor %}
    from preferred
    left join clock
        on clock.customer_key = preferred.customer_key
        and clock.as_of_date = preferred.as_of_date
)

select * from final
