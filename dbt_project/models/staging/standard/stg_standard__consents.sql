with final as (
    {{ standard_rows('consents') }}
)

select * from final
