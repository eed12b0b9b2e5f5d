with final as (
    {{ union_sources('campaigns', global_ids=['campaign_id']) }}
)

select * from final
