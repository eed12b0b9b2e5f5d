"""The columns that the page reads of each published table."""

from data_contracts.wording.reasons import companions
from segmentry.report.queries import CHANNELS, PURPOSES

# Columns the page reads, with the type used when a table or a column is missing.
COLUMNS: dict[str, dict[str, str]] = {
    "ops.settings": dict.fromkeys(["setting_name", "setting_value"], "varchar"),
    "ops.loaded_files": {
        **dict.fromkeys(["source", "table_name", "file"], "varchar"),
        **dict.fromkeys(
            ["row_count", "landed_count", "duplicate_count", "changed_count", "quarantined_count"],
            "bigint",
        ),
        "loaded_at": "timestamp",
    },
    "ops.data_quality_results": {
        **dict.fromkeys(
            [
                "run_id",
                "stage",
                "table_name",
                "check_name",
                "column_name",
                "engine",
                "severity",
                "observed_value",
            ],
            "varchar",
        ),
        "checked_at": "timestamp",
        "passed": "boolean",
        "failed_count": "bigint",
    },
    "core.fct_orders": {
        "identity_id": "varchar",
        "ordered_at": "timestamp",
        "order_amount": "double",
        "is_return": "boolean",
        "cancelled_at": "timestamp",
    },
    "segments.segment_catalogue": {
        **dict.fromkeys(
            ["segment_id", "segment_name", "kind", "segment_description", "status"], "varchar"
        ),
        "version": "integer",
    },
    "segments.segment_summary": {
        "segment_id": "varchar",
        "as_of_date": "date",
        **dict.fromkeys(["customer_count", "entry_count", "exit_count"], "bigint"),
        **dict.fromkeys(
            ["revenue_amount", "revenue_share", "average_order_amount", "churn_rate"], "double"
        ),
    },
    "segments.segment_transitions": {
        **dict.fromkeys(["customer_id", "segment_id", "event", "reason"], "varchar"),
        "as_of_date": "date",
    },
    "segments.near_misses": {"segment_id": "varchar", "conjunct": "varchar"},
    "segments.lifecycle_stages": {
        "customer_id": "varchar",
        "as_of_date": "date",
        "lifecycle_stage": "varchar",
    },
    "segments.customer_360": {
        "customer_id": "varchar",
        "as_of_date": "date",
        "lifecycle_stage": "varchar",
        "segments": "varchar",
    },
    "features.customer_features": {
        "customer_id": "varchar",
        "as_of_date": "date",
        **dict.fromkeys(["spend_91d_amount", "spend_182d_amount", "spend_364d_amount"], "double"),
        **dict.fromkeys(companions(), "double"),
        **dict.fromkeys([name for row in CHANNELS for name in row[1::2] if name], "double"),
        **dict.fromkeys([f"{purpose}_consent" for purpose in PURPOSES], "double"),
    },
    "identity.identity_audit": {"metric": "varchar", "value": "double"},
    "models.cluster_assignments": {
        **dict.fromkeys(["customer_id", "clustering", "cluster_id"], "varchar"),
        "as_of_date": "date",
    },
    "models.cluster_profiles": {
        **dict.fromkeys(
            [
                "clustering",
                "cluster_id",
                "model_version",
                "cluster_name",
                "cluster_description",
                "feature",
            ],
            "varchar",
        ),
        **dict.fromkeys(
            ["customer_share", "cluster_mean", "population_mean", "standardised_difference"],
            "double",
        ),
    },
    "models.cluster_cards": {
        **dict.fromkeys(
            ["clustering", "cluster_id", "model_version", "typical_customer_ids"], "varchar"
        ),
        **dict.fromkeys(["next_91d_spend_mean_amount", "next_91d_spend_share"], "double"),
    },
    "models.cluster_next_purchases": {
        **dict.fromkeys(["cluster_id", "model_version", "category"], "varchar"),
        **dict.fromkeys(["horizon_days", "category_rank"], "bigint"),
        **dict.fromkeys(["buyers_rate", "all_buyers_rate"], "double"),
    },
    "models.cluster_lineage": {
        **dict.fromkeys(
            ["clustering", "previous_version", "cluster_id", "lineage_event"], "varchar"
        ),
        "related_cluster_id": "varchar",
        "trained_as_of": "date",
        "shared_customer_count": "bigint",
    },
    "core.dim_products": dict.fromkeys(["product_id", "product_name"], "varchar"),
    "models.product_affinity": {
        **dict.fromkeys(
            ["customer_id", "item_level", "kind", "product_id", "category", "basis"], "varchar"
        ),
        "model_version": "varchar",
        "as_of_date": "date",
        "rank": "integer",
        "score": "double",
    },
    "models.affinity_metrics": {
        **dict.fromkeys(["item_level", "kind", "split", "candidate", "metric"], "varchar"),
        "trained_as_of": "date",
        "is_chosen": "boolean",
        "value": "double",
    },
    "models.model_versions": {
        **dict.fromkeys(["model_version", "target", "candidate", "reason"], "varchar"),
        "trained_as_of": "date",
        "is_promoted": "boolean",
    },
    "models.model_metrics": {
        **dict.fromkeys(["target", "model_version", "split", "candidate", "metric"], "varchar"),
        **dict.fromkeys(["trained_as_of", "as_of_date"], "date"),
        "is_chosen": "boolean",
        **dict.fromkeys(["value", "standard_error", "rule_value"], "double"),
        "customer_count": "bigint",
    },
    "models.drift": {
        **dict.fromkeys(
            ["target", "drift_subject", "drift_name", "metric", "verdict", "model_version"],
            "varchar",
        ),
        **dict.fromkeys(["as_of_date", "reference_date"], "date"),
        **dict.fromkeys(["value", "standard_error", "drift_limit", "importance"], "double"),
        "customer_count": "bigint",
    },
    "models.model_curves": {
        **dict.fromkeys(["target", "candidate", "curve"], "varchar"),
        **dict.fromkeys(["trained_as_of", "as_of_date"], "date"),
        "is_chosen": "boolean",
        "bin": "integer",
        **dict.fromkeys(["predicted", "observed"], "double"),
        "customer_count": "bigint",
    },
    "models.customer_scores": {
        **dict.fromkeys(["customer_id", "target", "sufficiency"], "varchar"),
        "as_of_date": "date",
        **dict.fromkeys(["score", "percentile"], "double"),
        **{f"reason_{n}_feature": "varchar" for n in (1, 2, 3)},
        **{f"reason_{n}_{part}": "double" for n in (1, 2, 3) for part in ("value", "contribution")},
    },
}
