with dates as (
    select distinct as_of_date from {{ source('ops', 'build_dates') }}
),

versions as (
    select distinct encoder, effective_from from {{ source('core', 'token_vectors') }}
),

-- Which version of each encoder is in force at each date to build.
final as (
    select
        dates.as_of_date,
        versions.encoder,
        max(versions.effective_from) as effective_from
    from dates
    inner join versions
        on versions.effective_from <= dates.as_of_date
    group by dates.as_of_date, versions.encoder
)

select * from final
