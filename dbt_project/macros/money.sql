{# An amount in the order's currency, once converted. At rate 1 the decimal is left untouched. #}
{% macro in_reporting_currency(amount, rate='exchange_rate') -%}
    case
            when {{ rate }} = 1 then {{ amount }}
            else cast({{ amount }} * {{ rate }} as decimal(18, 4))
        end
{%- endmacro %}

{# The currency into which every amount is converted: the body of a CTE. #}
{% macro reporting_currency() -%}
    select setting_value as currency
    from {{ source('ops', 'settings') }}
    where setting_name = 'reporting_currency'
{%- endmacro %}

{# A rate is in force from its date until the next one of its currency: the body of a CTE. #}
{% macro rates_in_force() -%}
    select
        currency,
        rate,
        rate_date,
        coalesce(
            lead(rate_date) over (partition by currency order by rate_date), cast('9999-12-31' as date)
        ) as next_rate_date
    from {{ ref('stg_standard__fx_rates') }}
{%- endmacro %}

{# The rate of a row of `facts` at `time`, for CTEs named `reporting` and `rates`: join, then read. #}
{% macro join_exchange_rate(facts, time) -%}
    left join rates
        on rates.currency = {{ facts }}.currency
        and rates.currency <> reporting.currency
        and cast({{ facts }}.{{ time }} as date) >= rates.rate_date
        and cast({{ facts }}.{{ time }} as date) < rates.next_rate_date
{%- endmacro %}
{% macro exchange_rate_of(facts) -%}
    case
            when coalesce({{ facts }}.currency, reporting.currency) = reporting.currency then 1
            else rates.rate
        end
{%- endmacro %}
