with dates as (
    select * from {{ ref('ftr_encoder_dates') }}
),

-- No older or newer day than some date of this build asks for.
versions as (
    select
        encoder,
        effective_from,
        min(as_of_date) as oldest_date,
        max(as_of_date) as newest_date
    from dates
    group by encoder, effective_from
),

lines as (
    select * from {{ ref('ftr_identity_lines') }}
    where not is_return
),

product_vectors as (
    select * from {{ ref('ftr_product_vectors') }}
),

actions as (
    select * from {{ ref('ftr_identity_actions') }}
),

behaviour_vectors as (
    select * from {{ source('core', 'token_vectors') }}
    where encoder = 'behaviour'
),

bought as (
    select
        'products' as encoder,
        lines.identity_key,
        lines.order_date,
        lines.cancelled_date,
        case when vectors.is_of_category then lines.described_date end as described_date,
        vectors.effective_from,
        count(*) as token_count
        {%- for axis in vector_axes() %},
        sum(vectors.vector_{{ axis }}) as vector_{{ axis }}
        {%- endfor %}
    from lines
    inner join product_vectors as vectors
        on vectors.product_key = lines.product_key
    inner join versions
        on versions.encoder = 'products'
        and versions.effective_from = vectors.effective_from
        and {{ days_between('lines.order_date', 'versions.oldest_date') }} <= 364
        and lines.order_date < versions.newest_date
    group by 1, 2, 3, 4, 5, 6
),

done as (
    select
        'behaviour' as encoder,
        actions.identity_key,
        actions.event_date,
        cast(null as date) as cancelled_date,
        cast(null as date) as described_date,
        versions.effective_from,
        sum(actions.token_count) as token_count
        {%- for axis in vector_axes() %},
        sum(actions.token_count * coalesce(own.vector_{{ axis }}, grouped.vector_{{ axis }})) as vector_{{ axis }}
        {%- endfor %}
    from actions
    inner join versions
        on versions.encoder = 'behaviour'
        and {{ days_between('actions.event_date', 'versions.oldest_date') }} <= 364
        and actions.event_date < versions.newest_date
    left join behaviour_vectors as own
        on own.effective_from = versions.effective_from
        and own.token_kind = 'token'
        and own.token = actions.token
    left join behaviour_vectors as grouped
        on grouped.effective_from = versions.effective_from
        and grouped.token_kind = 'group'
        and grouped.token = actions.token_group
    where own.token is not null or grouped.token is not null
    group by 1, 2, 3, 4, 5, 6
),

-- Additive by identity and day, for each version that is in force at some date of this build.
final as (
    select * from bought
    union all
    select * from done
)

select * from final
order by identity_key
