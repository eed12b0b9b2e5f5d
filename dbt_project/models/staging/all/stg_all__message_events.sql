with final as (
    {{ union_sources('message_events', global_ids=['event_id', 'message_id', 'campaign_id']) }}
)

select * from final
