with tickets as (
    select * from {{ source('raw', 'omnishop__helpdesk_tickets') }} as tickets
    where {{ is_newest_version(source('raw', 'omnishop__helpdesk_tickets'), 'tickets', ['id']) }}
),

-- Ratings that were only offered say nothing; of several, the last word counts.
ratings as (
    select
        ticket_id,
        created_at,
        case lower(trim(satisfaction_rating)) when 'good' then 1.0 when 'bad' then 0.0 end as satisfaction_score,
        row_number() over (partition by ticket_id order by created_at desc, id desc) as newness
    from {{ source('raw', 'omnishop__helpdesk_ratings') }} as ratings
    where {{ is_newest_version(source('raw', 'omnishop__helpdesk_ratings'), 'ratings', ['id']) }}
        and lower(trim(satisfaction_rating)) in ('good', 'bad')
),

final as (
    select
        tickets.id as ticket_id,
        tickets.created_at as opened_at,
        tickets.solved_at as closed_at,
        ratings.created_at as rated_at,
        'helpdesk:' || {{ text_or_null('tickets.requester_id') }} as source_customer_id,
        cast(null as varchar) as email,
        {{ in_our_words('tickets.via_channel', omnishop_words('ticket_channel')) }} as channel,
        {{ limited_text('tickets.subject') }} as subject,
        {{ limited_text('tickets.description') }} as body,
        cast(ratings.satisfaction_score as double) as satisfaction_score
    from tickets
    left join ratings
        on ratings.ticket_id = tickets.id
        and ratings.newness = 1
)

select * from final
