with final as (
    {{ omnishop_customers(newest_only=false) }}
)

select * from final
