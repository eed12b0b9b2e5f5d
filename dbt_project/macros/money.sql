{# What each currency was worth in the reporting currency, from when to when. #}
{% macro reporting_rates() -%} {{ ref('dim_exchange_rates') }} {%- endmacro %}

{# The rate in force for an amount; without a currency it is in the reporting one, at rate 1. #}
{% macro rate_in_force(rates, currency, at) -%}
    {{ rates }}.currency = coalesce({{ currency }}, '')
        and cast({{ at }} as date) >= {{ rates }}.rate_date
        and cast({{ at }} as date) < {{ rates }}.next_rate_date
{%- endmacro %}

{# An amount in the order's currency, once converted. At rate 1 the decimal is left untouched. #}
{% macro in_reporting_currency(amount, rate='exchange_rate') -%}
    case
            when {{ rate }} = 1 then {{ amount }}
            else cast({{ amount }} * {{ rate }} as decimal(18, 4))
        end
{%- endmacro %}
