with final as (
    {{ union_sources('customers__history', [
        'source_customer_id',
        'created_at',
        'updated_at',
        'account_id',
        'email',
        'phone',
        'loyalty_id',
        'login_id',
        'first_name',
        'last_name',
        'birth_date',
        'street',
        'postal_code',
        'city',
        'region',
        'country',
        'time_zone',
        'attributes',
    ], global_ids=['account_id']) }}
)

select * from final
