with final as (
    {{ union_sources('loyalty_events', global_ids=['event_id']) }}
)

select * from final
