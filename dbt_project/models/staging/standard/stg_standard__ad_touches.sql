with final as (
    {{ standard_rows('ad_touches') }}
)

select * from final
