with final as (
    {{ standard_rows('products') }}
)

select * from final
