{# What a person can allow. #}
{% macro consent_purposes() -%} {{ return(['email', 'sms', 'push', 'ads', 'profiling']) }} {%- endmacro %}
