with final as (
    {{ standard_rows('support_tickets') }}
)

select * from final
