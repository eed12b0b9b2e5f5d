with final as (
    {{ standard_rows('orders') }}
)

select * from final
