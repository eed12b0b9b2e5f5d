with final as (
    {{ union_sources('fx_rates', [
        'rate_date',
        'currency',
        'rate',
    ], global_ids=[]) }}
)

select * from final
