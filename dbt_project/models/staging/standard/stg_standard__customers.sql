with final as (
    {{ standard_rows('customers') }}
)

select * from final
