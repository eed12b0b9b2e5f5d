{# An amount in the order's currency, once converted. At rate 1 the decimal is left untouched. #}
{% macro in_reporting_currency(amount, rate='exchange_rate') -%}
    case
            when {{ rate }} = 1 then {{ amount }}
            else cast({{ amount }} * {{ rate }} as decimal(18, 4))
        end
{%- endmacro %}
