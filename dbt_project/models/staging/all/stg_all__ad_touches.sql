with final as (
    {{ union_sources('ad_touches', global_ids=['touch_id', 'campaign_id']) }}
)

select * from final
