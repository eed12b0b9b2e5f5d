with final as (
    {{ standard_rows('campaigns') }}
)

select * from final
