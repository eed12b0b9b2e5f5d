{# The families of features: `ftr_<family>` has customer_key, as_of_date and the family's columns. #}
{% macro feature_families() -%}
    {{ return(['orders', 'embeddings', 'sentiment']) }}
{%- endmacro %}

{# Families that are zero, not null, once a source tells of them: (family, table, its time). #}
{% macro families_with_reach() -%}
    {{ return([
        ('orders', 'fct_orders', 'ordered_at'),
    ]) }}
{%- endmacro %}

{#
    One feature in the mart. What is counted or summed (`_count`, `_amount`) is zero where the family
    has nothing to tell of a customer whose source does tell of it; the family `orders` has a row for
    everybody and says so itself.
#}
{% macro feature_of(column) -%}
    {%- set family = column.config.meta.family -%}
    {%- set value = family ~ '.' ~ column.name -%}
    {%- set reaching = families_with_reach() | map(attribute=0) | list -%}
    {%- if family != 'orders' and family in reaching
        and (column.name.endswith('_count') or column.name.endswith('_amount')) -%}
        case when customers.{{ family }}_first_date < customers.as_of_date then coalesce({{ value }}, 0) end
    {%- else -%}
        {{ value }}
    {%- endif -%}
{%- endmacro %}
