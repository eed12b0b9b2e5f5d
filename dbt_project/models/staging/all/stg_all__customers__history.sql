with final as (
    {{ union_sources('customers__history', global_ids=['account_id']) }}
)

select * from final
