-- Not in batches of customers: an account is all of its members.
with population as (
    select * from {{ ref('ftr_population') }}
),

keys as (
    select distinct identity_id, identity_key
    from {{ ref('ftr_identities') }}
),

memberships as (
    select
        keys.identity_key,
        members.account_id,
        members.valid_from,
        members.valid_to
    from {{ ref('bridge_account_members') }} as members
    inner join keys
        on keys.identity_id = members.identity_id
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

-- One account a customer: the one joined last, of equals the first by name.
joined as (
    select
        population.customer_key,
        population.as_of_date,
        memberships.account_id,
        row_number() over (
            partition by population.customer_key, population.as_of_date
            order by memberships.valid_from desc, memberships.account_id asc
        ) as newness_rank
    from population
    inner join memberships
        on memberships.identity_key = population.identity_key
        and memberships.valid_from < population.as_of_date
        and (memberships.valid_to is null or memberships.valid_to >= population.as_of_date)
),

members as (
    select * from joined
    where newness_rank = 1
),

orders as (
    select
        members.customer_key,
        members.as_of_date,
        sum(days.order_count) as order_count
    from members
    inner join population
        on population.customer_key = members.customer_key
        and population.as_of_date = members.as_of_date
    inner join {{ ref('ftr_identity_days') }} as days
        on days.identity_key = population.identity_key
        and {{ counts_at('days', 'population') }}
        and {{ days_between('days.order_date', 'population.as_of_date') }} <= 91
    group by members.customer_key, members.as_of_date
),

counted as (
    select
        members.*,
        coalesce(orders.order_count, 0) as order_count,
        cast(count(*) over (partition by members.account_id, members.as_of_date) as double) as account_members_count,
        sum(coalesce(orders.order_count, 0)) over (partition by members.account_id, members.as_of_date)
            as account_order_count
    from members
    left join orders
        on orders.customer_key = members.customer_key
        and orders.as_of_date = members.as_of_date
),

-- What is said of the account is known from its last change on.
final as (
    select
        counted.customer_key,
        counted.as_of_date,
        cast(1 as double) as is_account_member,
        counted.account_members_count,
        counted.account_order_count - counted.order_count as account_other_orders_91d_count,
        cast(accounts.employees as double) as account_employees,
        accounts.industry as account_industry
    from counted
    left join accounts
        on accounts.account_id = counted.account_id
        and (accounts.updated_at is null or cast(accounts.updated_at as date) < counted.as_of_date)
)

select * from final
