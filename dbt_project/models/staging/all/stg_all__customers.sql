with final as (
    {{ union_sources('customers', global_ids=['account_id']) }}
)

select * from final
