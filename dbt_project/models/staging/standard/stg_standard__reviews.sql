with final as (
    {{ standard_rows('reviews') }}
)

select * from final
