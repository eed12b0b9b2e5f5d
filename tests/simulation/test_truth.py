"""What is true is complete, and what campaigns truly do can be seen in the orders."""

import numpy as np
import pytest

PLACEHOLDERS = "('anonymous', 'null', '0', '0000', '-1', 'n/a', 'unknown')"
SEEN = {
    "shop_customers": ("id", "email", "phone"),
    "shop_orders": ("email", "phone", "customer__id"),
    "crm_contacts": ("id", "email", "phone"),
    "email_profiles": ("id", "email", "phone_number"),
    "email_events": ("profile_id", "email"),
    "email_campaign_recipients": ("profile_id",),
    "sms_messages": ("to_number",),
    "loyalty_members": ("id", "loyalty_number", "email", "phone"),
    "loyalty_activities": ("loyalty_number",),
    "helpdesk_users": ("id", "email", "phone"),
    "helpdesk_tickets": ("requester_id",),
    "shop_reviews": ("customer__id", "email"),
    "billing_customers": ("id", "email"),
    "web_pages": ("anonymous_id", "context_device_id", "user_id"),
    "web_identifies": ("anonymous_id", "user_id", "email", "phone"),
    "app_screens": ("anonymous_id", "context_device_id"),
    "app_tracks": ("anonymous_id", "user_id"),
    "ads_touches": ("user_id",),
    "consent_receipts": ("identifier",),
    "consent_requests": ("email", "phone"),
}


@pytest.mark.parametrize("table", SEEN)
def test_the_truth_covers_every_identifier_that_is_somebodys(rows, table):
    for column in SEEN[table]:
        unknown = rows(
            f"""
            select {column} from {table}
            where {column} is not null and {column} not in {PLACEHOLDERS}
                and {column} not like '%@omnishop.example'
                and {column} not in (select identifier from true_identifiers)
            limit 3
            """
        )
        assert unknown == [], f"{table}.{column}"


def test_every_identifier_of_the_truth_is_seen_somewhere(rows):
    seen = " union ".join(f"select {c}::varchar from {t}" for t in SEEN for c in SEEN[t])
    extra = rows(f"select * from true_identifiers where identifier not in ({seen}) limit 3")
    assert extra == []


def test_nobody_orders_before_joining_or_after_really_leaving(value):
    assert value(
        """
        select count(*) from orders join true_persons using (person_id)
        where ordered_at::date < joined_date or ordered_at::date > left_date
        """
    ) == 0  # fmt: skip


def effect_seen(rows, condition):
    """Orders per person in the week after, treated less control, its error, and what is true."""
    arms = rows(
        f"""
        with sums as (
            select arm, avg((bought > 0)::int) as mean,
                var_samp((bought > 0)::int) / count(*) as error
            from (
                select sent.campaign_id, sent.arm, sent.person_id, count(orders.id) as bought
                from true_assignments as sent
                left join orders on orders.person_id = sent.person_id
                    and ordered_at >= assigned_at::date
                    and ordered_at < assigned_at::date + interval 7 day
                where {condition}
                group by all
            )
            group by arm
        )
        select arm, mean, error from sums order by arm
        """
    )
    (_, control, first), (_, treated, second) = arms
    return treated - control, np.sqrt(first + second)


def test_the_true_effect_of_random_campaigns_shows_between_their_arms(rows, value):
    seen, error = effect_seen(rows, "is_random")
    true = value(
        """
        select avg(order_probability_effect) from true_effects
        join true_assignments using (campaign_id, person_id) where is_random
        """
    )
    assert true > 4 * error, "the world is large enough to see it"
    assert abs(seen - true) < 3 * error


def test_random_campaigns_hold_out_one_in_five_whoever_they_are(rows):
    shares = rows(
        """
        select latent_type, avg((arm = 'control')::int), count(*) from true_assignments
        join true_persons using (person_id) where is_random group by latent_type
        """
    )
    for kind, share, count in shares:
        assert abs(share - 0.2) < 4 * np.sqrt(0.16 / count), kind


def test_targeted_campaigns_go_to_those_who_buy_anyway(rows):
    bought = dict(
        rows(
            """
            select is_random, avg(orders) from true_assignments
            join true_persons using (person_id) group by is_random
            """
        )
    )
    assert bought[False] > 1.2 * bought[True]


def test_effects_differ_by_person_and_some_are_harmful(rows):
    effects = dict(
        rows(
            """
            select latent_type, avg(spend_effect) from true_effects
            join true_persons using (person_id) join email_campaigns on id = campaign_id
            where channel = 'sms' group by latent_type
            """
        )
    )
    assert effects["email_lover"] < 0 < effects["loyal_regular"]
    assert effects["browser"] == 0
