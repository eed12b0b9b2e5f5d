{#
    Customers are numbered without gaps and everything that is joined lies in the order of their
    numbers, so a batch is a range of them: all dates at once, memory as large as a batch, and the
    groups in the making stay in the processor's cache. A model says `where {{ in_batch() }}` where it
    reads ftr_population or ftr_customers; a batch is about 250,000 rows of these.
#}
{% macro in_batch() -%} 1 = 1 /* batch */ {%- endmacro %}

{# The query once for each batch; once as it is where the model is not built in batches. #}
{% macro in_batches(query, rows_in_batch=250000) -%}
    {%- if '/* batch */' not in query -%}{{ return([query]) }}{%- endif -%}
    {%- set population = run_query(
        'select count(*), min(customer_key), max(customer_key) from ' ~ ref('ftr_population')
    ).rows[0] -%}
    {%- set batches = (population[0] // rows_in_batch) | int + 1 -%}
    {%- if batches == 1 -%}{{ return([query]) }}{%- endif -%}
    {%- set first, width = population[1] | int, (population[2] - population[1]) | int // batches + 1 -%}
    {%- set queries = [] -%}
    {%- for batch in range(batches) -%}
        {%- set low = first + batch * width -%}
        {%- do queries.append(query | replace(
            '/* batch */', 'and customer_key between ' ~ low ~ ' and ' ~ (low + width - 1)
        )) -%}
    {%- endfor -%}
    {{ return(queries) }}
{%- endmacro %}

{% macro insert_batches(relation, queries, columns) -%}
    {%- for query in queries %}
        {% call statement('batch_' ~ loop.index) -%}
            insert into {{ relation }} ({{ columns }})
            select {{ columns }} from (
                {{ query }}
            ) as batch
        {%- endcall %}
    {%- endfor %}
{%- endmacro %}

{% materialization table_in_batches, default %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set draft = make_intermediate_relation(target_relation) -%}
    {%- set backup = make_backup_relation(target_relation, 'table') -%}
    {{ drop_relation_if_exists(load_cached_relation(draft)) }}
    {{ drop_relation_if_exists(load_cached_relation(backup)) }}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {%- set queries = in_batches(sql) -%}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% call statement('main') -%} {{ create_table_as(False, draft, queries[0]) }} {%- endcall %}
    {%- set columns = get_quoted_csv(adapter.get_columns_in_relation(draft) | map(attribute='name')) -%}
    {{ insert_batches(draft, queries[1:], columns) }}

    {%- if existing is not none %}
        {{ adapter.rename_relation(existing, backup) }}
    {%- endif %}
    {{ adapter.rename_relation(draft, target_relation) }}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ drop_relation_if_exists(load_cached_relation(backup)) }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
