with final as (
    {{ standard_rows('fx_rates') }}
)

select * from final
