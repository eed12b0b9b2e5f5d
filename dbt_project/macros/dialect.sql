{# Everything that one engine says differently from another. `default__` is the standard form. #}

{% macro keyed_hash(text) -%}
    {{ return(adapter.dispatch('keyed_hash')(text)) }}
{%- endmacro %}
{# DuckDB has no HMAC: segmentry/keys.py registers it. #}
{% macro default__keyed_hash(text) -%} keyed_hash({{ text }}) {%- endmacro %}

{# Whole days from one date to another, both of type date. #}
{% macro days_between(earlier, later) -%}
    {{ return(adapter.dispatch('days_between')(earlier, later)) }}
{%- endmacro %}
{% macro default__days_between(earlier, later) -%} datediff(day, {{ earlier }}, {{ later }}) {%- endmacro %}
{% macro spark__days_between(earlier, later) -%} datediff({{ later }}, {{ earlier }}) {%- endmacro %}
{% macro duckdb__days_between(earlier, later) -%} date_diff('day', {{ earlier }}, {{ later }}) {%- endmacro %}

{# Hours, with their fractions, from one moment to another. #}
{% macro hours_between(earlier, later) -%}
    {{ return(adapter.dispatch('hours_between')(earlier, later)) }}
{%- endmacro %}
{% macro default__hours_between(earlier, later) -%} (datediff(second, {{ earlier }}, {{ later }}) / 3600.0) {%- endmacro %}
{% macro spark__hours_between(earlier, later) -%}
    ((unix_timestamp({{ later }}) - unix_timestamp({{ earlier }})) / 3600.0)
{%- endmacro %}
{% macro duckdb__hours_between(earlier, later) -%}
    (date_diff('second', {{ earlier }}, {{ later }}) / cast(3600 as double))
{%- endmacro %}

{# The Monday of the date's calendar week. #}
{% macro week_start(date) -%}
    {{ return(adapter.dispatch('week_start')(date)) }}
{%- endmacro %}
{% macro default__week_start(date) -%} cast(date_trunc('week', {{ date }}) as date) {%- endmacro %}

{# Monday is 1, Sunday is 7. #}
{% macro iso_weekday(date) -%}
    {{ return(adapter.dispatch('iso_weekday')(date)) }}
{%- endmacro %}
{% macro default__iso_weekday(date) -%} dayofweek_iso({{ date }}) {%- endmacro %}
{% macro spark__iso_weekday(date) -%} (weekday({{ date }}) + 1) {%- endmacro %}
{% macro duckdb__iso_weekday(date) -%} isodow({{ date }}) {%- endmacro %}

{# A 64-bit key that is cheaper to group by than a long text. #}
{% macro hash_key(text) -%}
    {{ return(adapter.dispatch('hash_key')(text)) }}
{%- endmacro %}
{% macro default__hash_key(text) -%} hash({{ text }}) {%- endmacro %}
{% macro duckdb__hash_key(text) -%} cast(hash({{ text }}) >> 1 as bigint) {%- endmacro %}
{% macro spark__hash_key(text) -%} xxhash64({{ text }}) {%- endmacro %}

{# A JSON object of the given columns, as text; null where all are null. #}
{% macro json_of(columns) -%}
    {{ return(adapter.dispatch('json_of')(columns)) }}
{%- endmacro %}
{% macro default__json_of(columns) -%}
    case when coalesce({{ columns | join(', ') }}) is not null
        then cast(json_object({% for c in columns %}'{{ c }}', {{ c }}{{ ', ' if not loop.last }}{% endfor %}) as varchar)
    end
{%- endmacro %}
{% macro spark__json_of(columns) -%}
    case when coalesce({{ columns | join(', ') }}) is not null
        then to_json(named_struct({% for c in columns %}'{{ c }}', {{ c }}{{ ', ' if not loop.last }}{% endfor %}))
    end
{%- endmacro %}

{# A sorted array of texts, of a group; and one without any. #}
{% macro sorted_array(text) -%} {{ return(adapter.dispatch('sorted_array')(text)) }} {%- endmacro %}
{% macro default__sorted_array(text) -%} array_sort(collect_list({{ text }})) {%- endmacro %}
{% macro duckdb__sorted_array(text) -%} list_sort(list({{ text }})) {%- endmacro %}
{% macro empty_array() -%} {{ return(adapter.dispatch('empty_array')()) }} {%- endmacro %}
{% macro default__empty_array() -%} cast(array() as array<string>) {%- endmacro %}
{% macro duckdb__empty_array() -%} cast([] as varchar[]) {%- endmacro %}

{# Whole seconds from one timestamp to another. #}
{% macro seconds_between(earlier, later) -%}
    {{ return(adapter.dispatch('seconds_between')(earlier, later)) }}
{%- endmacro %}
{% macro default__seconds_between(earlier, later) -%} datediff(second, {{ earlier }}, {{ later }}) {%- endmacro %}
{% macro spark__seconds_between(earlier, later) -%} (unix_timestamp({{ later }}) - unix_timestamp({{ earlier }})) {%- endmacro %}
{% macro duckdb__seconds_between(earlier, later) -%} date_diff('second', {{ earlier }}, {{ later }}) {%- endmacro %}

{# The moment some seconds after another. #}
{% macro seconds_later(moment, seconds) -%} {{ moment }} + interval '{{ seconds }}' second {%- endmacro %}
