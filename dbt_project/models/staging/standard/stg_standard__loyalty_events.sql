with final as (
    {{ standard_rows('loyalty_events') }}
)

select * from final
