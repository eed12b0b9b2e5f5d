with final as (
    {{ standard_rows('erasure_requests') }}
)

select * from final
