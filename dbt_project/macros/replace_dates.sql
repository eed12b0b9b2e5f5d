{#
    A dated table: every date that this build makes is deleted, then inserted, in one transaction and
    without a table in between. The dates come from a table (ops.build_dates) and not from the new
    rows, so that a date that has become empty loses its old rows too. Columns that the contract has
    gained are added; other dates are never dropped, so there is no full refresh.
    A model with another date column says so in its meta: replaced_column, and replaced_dates, that
    column as SQL over as_of_date.
#}
{% materialization dated, default %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set meta = config.get('meta', {}) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {%- set queries = in_batches(sql) -%}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- if existing is none %}
        {% call statement('main') -%} {{ create_table_as(False, target_relation, queries[0]) }} {%- endcall %}
        {%- set queries = queries[1:] -%}
    {%- else %}
        {% call statement('main') -%}
            delete from {{ target_relation }}
            where {{ meta.get('replaced_column', 'as_of_date') }} in (
                {{ build_dates_sql(meta.get('replaced_dates', 'as_of_date')) }}
            )
        {%- endcall %}
        {{ get_assert_columns_equivalent(sql) }}
        {%- set known = adapter.get_columns_in_relation(target_relation) | map(attribute='name') | list -%}
        {%- for column in model.columns.values() if column.name not in known %}
            {% do run_query('alter table ' ~ target_relation ~ ' add column ' ~ column.name ~ ' ' ~ column.data_type) %}
        {%- endfor %}
    {%- endif %}
    {{ insert_batches(target_relation, queries, get_quoted_csv(model.columns.keys())) }}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

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
