with final as (
    {{ union_sources('support_tickets', global_ids=['ticket_id']) }}
)

select * from final
