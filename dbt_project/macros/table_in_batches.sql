{#
    A table over customers and dates, built some dates at a time, so that memory follows the size of
    a batch and not the number of dates. The model says `where {{ in_batch() }}` where it reads
    ftr_population; each batch is as many dates as make up about 250,000 rows of it.
#}
{% macro in_batch() -%} 1 = 1 /* batch */ {%- endmacro %}

{% macro batches_of_dates(limit=250000) -%}
    {%- set counts = run_query(
        'select as_of_date, count(*) as row_count from ' ~ ref('ftr_population')
        ~ ' group by as_of_date order by as_of_date'
    ) -%}
    {%- set batches = [] -%}
    {%- set state = namespace(dates=[], size=0) -%}
    {%- for row in counts.rows -%}
        {%- if state.dates and state.size + row[1] > limit -%}
            {%- do batches.append(state.dates) -%}
            {%- set state.dates = [] -%}
            {%- set state.size = 0 -%}
        {%- endif -%}
        {%- set state.dates = state.dates + ["cast('" ~ row[0] ~ "' as date)"] -%}
        {%- set state.size = state.size + row[1] -%}
    {%- endfor -%}
    {%- if state.dates -%}{%- do batches.append(state.dates) -%}{%- endif -%}
    {{ return(batches) }}
{%- endmacro %}

{% materialization table_in_batches, default %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set draft = make_intermediate_relation(target_relation) -%}
    {%- set backup = make_backup_relation(target_relation, 'table') -%}
    {{ drop_relation_if_exists(load_cached_relation(draft)) }}
    {{ drop_relation_if_exists(load_cached_relation(backup)) }}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {%- set batches = batches_of_dates() or [["cast(null as date)"]] -%}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- for dates in batches %}
        {%- set batch_sql = sql | replace('/* batch */', 'and as_of_date in (' ~ dates | join(', ') ~ ')') %}
        {%- if loop.first %}
            {% call statement('main') -%} {{ create_table_as(False, draft, batch_sql) }} {%- endcall %}
        {%- else %}
            {% call statement('batch_' ~ loop.index) -%} insert into {{ draft }} {{ batch_sql }} {%- endcall %}
        {%- endif %}
    {%- endfor %}

    {%- if existing is not none %}
        {{ adapter.rename_relation(existing, backup) }}
    {%- endif %}
    {{ adapter.rename_relation(draft, target_relation) }}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ drop_relation_if_exists(backup) }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
