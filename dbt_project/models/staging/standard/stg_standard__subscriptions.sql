with final as (
    {{ standard_rows('subscriptions') }}
)

select * from final
