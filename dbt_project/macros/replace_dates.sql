{#
    The incremental strategy of dated tables: delete every date that this build makes, then insert,
    in the one transaction of the materialization. The dates come from a table (ops.build_dates) and
    not from the new rows, so that a date that has become empty loses its old rows too.
    A model with another date column says so in its meta: replaced_column, and replaced_dates, that
    column as SQL over as_of_date.
#}
{% macro get_incremental_replace_dates_sql(arg_dict) -%}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    {%- set meta = config.get('meta', {}) -%}
    delete from {{ target }}
    where {{ meta.get('replaced_column', 'as_of_date') }} in (
        {{ build_dates_sql(meta.get('replaced_dates', 'as_of_date')) }}
    );

    insert into {{ target }} ({{ columns }})
    select {{ columns }}
    from {{ arg_dict['temp_relation'] }}
{%- endmacro %}

{% macro build_dates_sql(dates='as_of_date') -%}
    select {{ dates }} from {{ schema_of('ops') }}.build_dates
{%- endmacro %}

{% macro schema_of(stage) -%}
    {{ adapter.quote(target.database) }}.{{ var('schema_prefix', '') }}{{ stage }}
{%- endmacro %}

{#
    On a dated table, tests look only at the dates of this build: the older dates have passed them,
    and cost should follow change.
#}
{% macro built_dates_only(dated, relation) -%}
    {%- if dated and execute %}
    {%- set node = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model')
        | selectattr('alias', 'equalto', relation.identifier) | first %}
    {%- set meta = node.config.meta %} and {{ meta.get('replaced_column', 'as_of_date') }} in (
        {{ build_dates_sql(meta.get('replaced_dates', 'as_of_date')) }}
    )
    {%- endif -%}
{%- endmacro %}
