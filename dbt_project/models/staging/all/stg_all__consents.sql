with final as (
    {{ union_sources('consents', global_ids=[]) }}
)

select * from final
