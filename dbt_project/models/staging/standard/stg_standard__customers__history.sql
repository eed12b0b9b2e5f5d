with final as (
    {{ standard_rows('customers', every_version=true) }}
)

select * from final
