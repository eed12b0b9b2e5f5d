with final as (
    {{ union_sources('subscriptions', global_ids=['subscription_id']) }}
)

select * from final
