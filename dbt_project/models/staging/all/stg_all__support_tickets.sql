with final as (
    {{ union_sources('support_tickets', [
        'ticket_id',
        'opened_at',
        'closed_at',
        'rated_at',
        'source_customer_id',
        'email',
        'channel',
        'subject',
        'body',
        'satisfaction_score',
    ], global_ids=['ticket_id']) }}
)

select * from final
