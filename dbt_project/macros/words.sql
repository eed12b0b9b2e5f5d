{# Text with every way of writing nothing made null. #}
{% macro text_or_null(column) -%} nullif(trim({{ column }}), '') {%- endmacro %}

{# The longest text that staging passes on, in characters; raw keeps all of it. #}
{% macro text_limit() -%} {{ return(20000) }} {%- endmacro %}
{% macro limited_text(column) -%} nullif(trim(left({{ column }}, {{ text_limit() }})), '') {%- endmacro %}

{# A source's word in our words, by a dictionary of lower-case words; null for one that it lacks. #}
{% macro in_our_words(column, words) -%}
    case lower(trim({{ column }}))
            {%- for theirs, ours in words.items() %}
            when '{{ theirs }}' then '{{ ours }}'
            {%- endfor %}
        end
{%- endmacro %}

{# Given name: up to the first space. Family name: the rest, null where there is none. #}
{% macro first_word(column) -%}
    case when strpos(trim({{ column }}), ' ') > 0 then substr(trim({{ column }}), 1, strpos(trim({{ column }}), ' ') - 1)
            else {{ text_or_null(column) }} end
{%- endmacro %}
{% macro other_words(column) -%}
    case when strpos(trim({{ column }}), ' ') > 0 then nullif(trim(substr(trim({{ column }}), strpos(trim({{ column }}), ' ') + 1)), '') end
{%- endmacro %}

{# Robots name themselves in the user agent; CUBOT makes telephones. #}
{% macro is_robot(user_agent) -%}
    coalesce(
        (lower({{ user_agent }}) like '%bot%' and lower({{ user_agent }}) not like '%cubot%')
        {%- for word in ['crawl', 'spider', 'slurp', 'headless', 'facebookexternalhit', 'python-requests', 'curl/'] %}
        or lower({{ user_agent }}) like '%{{ word }}%'
        {%- endfor %},
        false
    )
{%- endmacro %}
