with final as (
    {{ standard_rows('accounts') }}
)

select * from final
