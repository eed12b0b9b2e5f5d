"""A customer beside the cluster they are in."""

import pandas as pd

from ml.clusters.members import compare_member

PROFILE = pd.DataFrame(
    [
        ("orders_364d_count", 11.0, 4.0, 1.2),
        ("orders_91d_count", 3.0, 1.0, 1.1),
        ("email_open_364d_rate", 0.1, 0.4, -0.9),
        ("behaviour_vector_1", 2.0, 0.0, 2.0),
        ("average_order_364d_amount", 30.0, 50.0, -0.5),
        ("weekend_orders_364d_rate", 0.5, 0.3, 0.4),
    ],
    columns=["feature", "cluster_mean", "population_mean", "standardised_difference"],
)


def test_a_member_is_compared_where_the_cluster_is_most_unlike_all_one_figure_a_habit():
    values = {"orders_364d_count": 2.0, "orders_91d_count": 0.0, "email_open_364d_rate": 0.62}
    values |= {"behaviour_vector_1": 1.0, "average_order_364d_amount": 48.0}
    assert compare_member(PROFILE, values | {"weekend_orders_364d_rate": 0.0}) == (
        "2 orders in the last year (the group 11, all 4); "
        "opened 62% of the e-mails in the last year (the group 10%, all 40%); "
        "48.00 an order in the last year (the group 30.00, all 50.00)"
    )


def test_what_is_not_known_of_the_customer_is_left_out():
    assert compare_member(PROFILE, {"orders_91d_count": 1.0}) == (
        "1 order in the last 91 days (the group 3, all 1)"
    )
    assert compare_member(PROFILE, {}) == ""
