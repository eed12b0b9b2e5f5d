with final as (
    {{ standard_rows('web_events') }}
)

select * from final
