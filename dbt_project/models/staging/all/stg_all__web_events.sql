with final as (
    {{ union_sources('web_events', global_ids=['event_id', 'session_id', 'product_id']) }}
)

select * from final
