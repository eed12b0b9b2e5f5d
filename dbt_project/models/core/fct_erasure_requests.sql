{%- set types = ['source_customer_id', 'email', 'phone'] -%}

-- Every identifier that the request names, not only the strongest: all of them must go.
with named as (
    {%- for type in types %}
    select
        request_id,
        source_system,
        requested_at,
        '{{ type }}' as identifier_type,
        {{ type }} as identifier
    from {{ ref('stg_all__erasure_requests') }}
    where {{ type }} is not null
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
),

identities as (
    select * from {{ identifiers() }}
),

final as (
    select
        named.request_id,
        identities.identity_id,
        named.source_system,
        named.requested_at
    from named
    inner join identities
        on identities.source_system = named.source_system
        and identities.identifier_type = named.identifier_type
        and identities.identifier = named.identifier
)

select * from final
