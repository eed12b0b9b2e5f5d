{# The tests that contracts compile to; `dated` ones look only at what this build replaced. #}

{% test unique_combination(model, columns, dated=false) %}
select {{ columns | join(', ') }}, count(*) as row_count
from {{ model }}
where 1 = 1 {{ built_dates_only(dated, model) }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}

{% test not_null_columns(model, columns, dated=false) %}
select {{ columns | join(', ') }}
from {{ model }}
where ({% for column in columns %}{{ column }} is null{{ ' or ' if not loop.last }}{% endfor %})
    {{ built_dates_only(dated, model) }}
{% endtest %}

{# All ranges of a table in one scan: one row of how often each column leaves its own, if any does. #}
{% test accepted_ranges(model, ranges, dated=false) %}
with counted as (
    select
        {%- for column, bounds in ranges.items() %}
        sum(case when
            {%- if 'minimum' in bounds %} {{ column }} < {{ bounds.minimum }}{% endif %}
            {%- if bounds | length == 2 %} or{% endif %}
            {%- if 'maximum' in bounds %} {{ column }} > {{ bounds.maximum }}{% endif %} then 1 else 0 end) as {{ column }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ model }}
    where 1 = 1 {{ built_dates_only(dated, model) }}
)
select *
from counted
where {% for column in ranges %}{{ column }} > 0{{ ' or ' if not loop.last }}{% endfor %}
{% endtest %}

{% test values_in(model, column, values, dated=false) %}
select {{ column }}, count(*) as row_count
from {{ model }}
where {{ column }} not in (
    {%- for value in values -%}
        {{ dbt.string_literal(value) if value is string else value }}{{ ', ' if not loop.last }}
    {%- endfor -%}
    ) {{ built_dates_only(dated, model) }}
group by {{ column }}
{% endtest %}

{# `to` is schema.table.column; the schema word is a stage. #}
{% test refers_to(model, column, to, dated=false) %}
{%- set stage, table, key = to.split('.') %}
select facts.{{ column }}
from {{ model }} as facts
where facts.{{ column }} is not null
    and not exists (
        select 1
        from {{ schema_of(stage) }}.{{ table }} as referred
        where referred.{{ key }} = facts.{{ column }}
    ) {{ built_dates_only(dated, model) }}
{% endtest %}

{% test not_empty(model, minimum=1, dated=false) %}
select row_count
from (
    select count(*) as row_count
    from {{ model }}
    where 1 = 1 {{ built_dates_only(dated, model) }}
) as counted
where row_count < {{ minimum }}
{% endtest %}

{% test row_condition(model, condition, dated=false) %}
select *
from {{ model }} as this
where not ({{ condition }}) {{ built_dates_only(dated, model) }}
{% endtest %}
