{{ config(meta={
    'replaced_column': 'version_date',
    'replaced_dates': "cast(date_trunc('month', as_of_date) as date)"
}) }}

with versions as (
    select distinct cast(date_trunc('month', as_of_date) as date) as version_date
    from {{ source('ops', 'build_dates') }}
),

identities as (
    select * from {{ ref('ftr_identities') }}
),

days as (
    select * from {{ ref('ftr_identity_days') }}
),

-- A version is made from what was known on the first of the month of D. It depends on nothing but
-- D, so that one date rebuilt alone is cut as it was among others.
customers as (
    select
        versions.version_date,
        identities.customer_key,
        min(case when days.order_count > 0 then {{ days_between('days.order_date', 'versions.version_date') }} end)
            as recency,
        sum(case when {{ days_between('days.order_date', 'versions.version_date') }} <= 364 then days.order_count else 0 end)
            as frequency,
        sum(case when {{ days_between('days.order_date', 'versions.version_date') }} <= 364 then days.spend_amount else 0 end)
            as monetary
    from versions
    inner join identities
        on identities.valid_from < versions.version_date
        and (identities.valid_to is null or identities.valid_to >= versions.version_date)
    inner join days
        on days.identity_key = identities.identity_key
        and days.order_date < versions.version_date
        and (days.cancelled_date is null or days.cancelled_date >= versions.version_date)
    group by versions.version_date, identities.customer_key
),

measured as (
    {%- for metric in ['recency', 'frequency', 'monetary'] %}
    select version_date, '{{ metric }}' as metric, cast({{ metric }} as double) as measure
    from customers
    where recency is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

cut as (
    select
        version_date,
        metric,
        measure,
        ntile(5) over (partition by version_date, metric order by measure) as quintile
    from measured
),

final as (
    select
        version_date,
        metric,
        quintile,
        max(measure) as upper_bound
    from cut
    where quintile < 5
    group by version_date, metric, quintile
)

select * from final
