with customers as (
    select * from {{ ref('ftr_customers') }}
    where {{ in_batch() }}
),

{% for family in feature_families() %}
{{ family }} as (
    select * from {{ ref('ftr_' ~ family) }}
),
{% endfor %}
-- Columns and their families are those of the contract. A family has rows only for customers of whom
-- it knows something.
-- depends_on: {{ ref('ftr_population') }}
final as (
    select
        customers.customer_id,
        customers.as_of_date
        {%- for column in model.columns.values() if column.name not in ['customer_id', 'as_of_date'] %},
        {{ feature_of(column) }} as {{ column.name }}
        {%- endfor %}
    from customers
    {%- for family in feature_families() %}
    left join {{ family }}
        on {{ family }}.customer_key = customers.customer_key
        and {{ family }}.as_of_date = customers.as_of_date
    {%- endfor %}
)

select * from final
