with appearances as (
    select * from {{ ref('idn_appearances') }}
),

-- Which identifiers stood together on a row, since when.
final as (
    {%- for left, right in pairs_of(identifier_types()) %}
    select
        source_system,
        '{{ left }}' as identifier_type,
        {{ left }} as identifier,
        '{{ right }}' as other_identifier_type,
        {{ right }} as other_identifier,
        evidence,
        cast(min(known_at) as date) as known_date
    from appearances
    where {{ left }} is not null and {{ right }} is not null
    group by source_system, {{ left }}, {{ right }}, evidence
    union all
    {%- endfor %}
    select
        source_system,
        'source_customer_id' as identifier_type,
        source_customer_id as identifier,
        'source_customer_id' as other_identifier_type,
        login_id as other_identifier,
        evidence,
        cast(min(known_at) as date) as known_date
    from appearances
    where login_id <> source_customer_id
    group by source_system, source_customer_id, login_id, evidence
)

select * from final
