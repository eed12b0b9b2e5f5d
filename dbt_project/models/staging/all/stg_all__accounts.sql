with final as (
    {{ union_sources('accounts', global_ids=['account_id']) }}
)

select * from final
