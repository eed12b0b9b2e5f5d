with population as (
    select * from {{ ref('ftr_population') }}
),

identities as (
    select distinct identity_key, source_system
    from {{ ref('ftr_identities') }}
),

coverage as (
    select * from {{ ref('ftr_reach') }}
),

-- The spine of the mart: every customer at every date, and the first date on which one of their
-- sources has rows for each family of features.
final as (
    select
        population.customer_key,
        population.as_of_date,
        min(population.customer_id) as customer_id
        {%- for family, table, known_at in covered_families() %},
        min(coverage.{{ family }}_first_date) as {{ family }}_first_date
        {%- endfor %}
    from population
    inner join identities
        on identities.identity_key = population.identity_key
    left join coverage
        on coverage.source_system = identities.source_system
    group by population.customer_key, population.as_of_date
)

-- In the order of the batches.
select * from final
order by customer_key
