with final as (
    {{ omnishop_customers(newest_only=true) }}
)

select * from final
