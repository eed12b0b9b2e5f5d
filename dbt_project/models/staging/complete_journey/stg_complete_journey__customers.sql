with demographics as (
    select * from {{ source('raw', 'complete_journey__demographics') }}
),

-- One household is one customer. The survey has only those that answered; the others are known
-- from what they did.
final as (
    select
        cast(household_id as varchar) as source_customer_id,
        cast(null as timestamp) as created_at,
        cast(null as timestamp) as updated_at,
        {%- for column in ['account_id', 'email', 'phone', 'loyalty_id', 'login_id', 'first_name', 'last_name'] %}
        cast(null as varchar) as {{ column }},
        {%- endfor %}
        cast(null as date) as birth_date,
        {%- for column in ['street', 'postal_code', 'city', 'region', 'country', 'time_zone'] %}
        cast(null as varchar) as {{ column }},
        {%- endfor %}
        {{ json_of(['age', 'income', 'home_ownership', 'marital_status', 'household_size', 'household_comp', 'kids_count']) }}
            as attributes
    from demographics
    where {{ is_newest_version(source('raw', 'complete_journey__demographics'), 'demographics', ['household_id']) }}
)

select * from final
