"""What each recipe adds: the files of the README, with what stands in them."""

# A source: its contract, one view an entity, and the words that no table had.
CONTRACT = (
    "data_contracts/tables/raw/tills.odcs.yaml",
    """apiVersion: v3.1.0
kind: DataContract
id: raw.tills
name: Tills
version: 1.0.0
status: active
domain: raw
team: {name: data-platform}
description:
  purpose: Receipts of the tills.
schema:
  - name: receipts
    businessName: Receipts
    description: One row per receipt.
    physicalType: table
    customProperties:
      - {property: builtBy, value: landing}
      - {property: role, value: orders}
      - {property: knownAt, value: printed_at}
    properties:
      - {name: receipt_number, primaryKey: true}
      - {name: loyalty_id, required: true}
      - {name: printed_at, required: true}
      - {name: sales_value, required: true}
      - {name: currency}
""",
)
WORDS = (
    "data_contracts/columns.yaml",
    """
receipt_number: {type: string, classification: internal, description: "Number on the receipt."}
printed_at: {type: timestamp, classification: internal, description: "When it was printed."}
""",
)
VIEW = (
    "dbt_project/models/staging/tills/stg_tills__orders.sql",
    """with receipts as (
    select * from {{ source('raw', 'tills__receipts') }}
),

final as (
    select
        receipt_number as order_id,
        loyalty_id as source_customer_id,
        printed_at as ordered_at,
        sales_value as order_amount,
        cast(null as varchar) as original_order_id,
        cast(null as decimal(18, 4)) as discount_amount,
        currency,
        'store' as channel,
        cast(null as varchar) as store_id,
        cast(null as varchar) as coupon_code,
        cast(null as varchar) as campaign_id,
        cast(null as timestamp) as cancelled_at
    from receipts
    where {{ is_newest_version(source('raw', 'tills__receipts'), 'receipts', ['receipt_number']) }}
)

select * from final
""",
)

# A feature: its column in the family's SQL, its words, its line in the contract. Its phrase is
# there already where a pattern fits its name.
FEATURE = "reviews_28d_count"
FEATURE_WORDS = (
    "data_contracts/columns.yaml",
    f"""
{FEATURE}: {{type: double, unit: reviews, classification: internal, description: "Reviews."}}
""",
)
FEATURE_LINE = (
    "data_contracts/tables/features/customer_features.odcs.yaml",
    "{name: reviews_364d_count",
    f"      - {{name: {FEATURE}, logicalTypeOptions: {{minimum: 0}}, tags: [reviews]}}\n",
)
FAMILY = "dbt_project/models/features/families/ftr_reviews.sql"
AGE = "{{ days_between('reviews.review_date', 'population.as_of_date') }}"
FEATURE_SUM = (
    FAMILY,
    "avg(reviews.rating) as review_mean_rating",
    f"        cast(count(case when {AGE} <= 28 then 1 end) as double) as {FEATURE},\n",
)
FEATURE_COLUMN = (FAMILY, "sums.review_mean_rating", f"        sums.{FEATURE},\n")

# A target: one file.
TARGET = (
    "data_contracts/targets/large_order_28d.yaml",
    """name: large_order_28d
question: Will this customer order twice in the next 28 days?
kind: probability
horizon_days: 28
population: order_count > 0
asked_of: customers who have ordered
label: order_count > 1
metric: brier
""",
)
