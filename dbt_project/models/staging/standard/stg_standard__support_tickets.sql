with support_tickets as (
    select * from {{ source('raw', 'standard__support_tickets') }}
),

final as (
    select
        ticket_id,
        opened_at,
        closed_at,
        rated_at,
        source_customer_id,
        email,
        channel,
        subject,
        body,
        satisfaction_score
    from support_tickets
    where {{ is_newest_version(source('raw', 'standard__support_tickets'), 'support_tickets', ['ticket_id']) }}
)

select * from final
