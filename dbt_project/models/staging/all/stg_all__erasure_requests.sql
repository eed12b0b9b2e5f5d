with final as (
    {{ union_sources('erasure_requests', global_ids=['request_id']) }}
)

select * from final
