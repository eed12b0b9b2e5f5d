with final as (
    {{ union_sources('accounts', [
        'account_id',
        'account_name',
        'industry',
        'employees',
        'revenue_band',
        'owner',
        'updated_at',
    ], global_ids=['account_id']) }}
)

select * from final
