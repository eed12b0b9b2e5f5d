with final as (
    {{ union_sources('web_events', [
        'event_id',
        'occurred_at',
        'event_type',
        'anonymous_id',
        'source_customer_id',
        'device_id',
        'session_id',
        'page',
        'product_id',
        'search_query',
        'scroll_depth',
        'duration_seconds',
        'device_type',
        'region',
        'utm_source',
        'utm_medium',
        'utm_campaign',
    ], global_ids=['event_id', 'session_id', 'product_id']) }}
)

select * from final
