with final as (
    {{ standard_rows('message_events') }}
)

select * from final
