{# How many axes the stored vectors and topics have (ml/signals/encoders.py, ml/signals/topics.py). #}
{% macro vector_axes() -%} {{ return(range(1, 9)) }} {%- endmacro %}

{# First segment of a path such as /help/returns?x=1: "help"; empty for the start page. #}
{% macro page_group(page) -%}
    lower({{ dbt.split_part(dbt.split_part('ltrim(' ~ page ~ ", '/')", "'/'", 1), "'?'", 1) }})
{%- endmacro %}

{# One key for a product, wherever lines meet what is known of it: its code, or a hash of the id of
   one that no catalogue lists. #}
{% macro product_key(products, product_id) -%}
coalesce({{ products }}.product_code, {{ hash_key(product_id) }})
{%- endmacro %}
