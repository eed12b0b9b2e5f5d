with final as (
    {{ union_sources('subscription_events', global_ids=['subscription_id']) }}
)

select * from final
