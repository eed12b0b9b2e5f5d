with versions as (
    select distinct effective_from
    from {{ ref('ftr_encoder_dates') }}
    where encoder = 'products'
),

vectors as (
    select vectors.*
    from {{ source('core', 'token_vectors') }} as vectors
    inner join versions
        on versions.effective_from = vectors.effective_from
    where vectors.encoder = 'products'
),

products as (
    select * from {{ ref('dim_products') }}
),

own as (
    select * from vectors
    where token_kind = 'token'
),

-- A product without a vector of its own has that of its category.
final as (
    select
        {{ product_key('products', 'own.token') }} as product_key,
        own.effective_from,
        false as is_of_category
        {%- for axis in vector_axes() %},
        own.vector_{{ axis }}
        {%- endfor %}
    from own
    left join products
        on products.product_id = own.token
    union all
    select
        {{ product_key('products', 'products.product_id') }} as product_key,
        vectors.effective_from,
        true as is_of_category
        {%- for axis in vector_axes() %},
        vectors.vector_{{ axis }}
        {%- endfor %}
    from products
    inner join vectors
        on vectors.token = products.category
        and vectors.token_kind = 'group'
    left join own
        on own.token = products.product_id
        and own.effective_from = vectors.effective_from
    where own.token is null
)

select * from final
