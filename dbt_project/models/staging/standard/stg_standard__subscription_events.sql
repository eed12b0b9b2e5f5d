with final as (
    {{ standard_rows('subscription_events') }}
)

select * from final
