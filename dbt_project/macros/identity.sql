{#
    By which identifier a row names its person: the first of `types` (strongest first) that it has.
    Facts join identity.idn_identifiers on source_system and these two.
#}
{% macro identifier_type_of(types) -%}
    case
            {%- for type in types %}
            when {{ type }} is not null then '{{ type }}'
            {%- endfor %}
        end
{%- endmacro %}

{% macro identifier_of(types) -%} coalesce({{ types | join(', ') }}, null) {%- endmacro %}

{# Every identifier as staging spells it, with the node it stands for. #}
{% macro identifiers() -%} {{ ref('idn_identifiers') }} {%- endmacro %}

{# Which node belongs to which customer, from when to when. #}
{% macro customer_identities() -%} {{ ref('customer_identities') }} {%- endmacro %}
