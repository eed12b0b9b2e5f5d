with final as (
    {{ union_sources('campaign_assignments', global_ids=['campaign_id']) }}
)

select * from final
