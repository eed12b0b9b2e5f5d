with final as (
    {{ standard_rows('campaign_assignments') }}
)

select * from final
