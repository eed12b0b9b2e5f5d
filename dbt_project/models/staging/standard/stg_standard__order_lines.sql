with final as (
    {{ standard_rows('order_lines') }}
)

select * from final
