"""Each latent type lives as its name says, and one thing leads to another."""

import pytest


@pytest.fixture(scope="session")
def by_kind(rows):
    """Averages by latent type of one expression over orders."""
    return lambda expression: dict(
        rows(
            f"select latent_type, {expression} from orders "
            "join true_persons using (person_id) group by all"
        )
    )


def test_weekend_people_buy_at_weekends(by_kind):
    share = by_kind("avg((isodow(ordered_at) >= 6)::int)")
    assert share.pop("weekend") > 0.85
    assert all(0.2 < other < 0.5 for other in share.values())


def test_seasonal_people_buy_within_three_months_of_their_own(rows):
    spans = rows(
        """
        with angles as (
            select person_id, latent_type, 2 * pi() * dayofyear(ordered_at) / 365 as angle
            from orders join true_persons using (person_id)
        ),
        people as (
            select person_id, latent_type, sqrt(avg(cos(angle)) ** 2 + avg(sin(angle)) ** 2) as r
            from angles group by all having count(*) >= 5
        )
        select latent_type = 'seasonal', avg(r) from people group by all
        """
    )
    together = dict(spans)
    assert together[True] > 0.85, "nearly all within a quarter of the year"
    assert together[False] < 0.55


def test_their_seasons_differ_from_person_to_person(value):
    months = value(
        """
        select count(*) from (
            select month(ordered_at) as m from orders join true_persons using (person_id)
            where latent_type = 'seasonal' group by m
            having count(*) > .04 * (select count(*) from orders join true_persons
                using (person_id) where latent_type = 'seasonal')
        )
        """
    )
    assert months >= 10


def test_discount_only_people_buy_with_a_code(by_kind):
    share = by_kind("avg((discount_code is not null)::int)")
    assert share.pop("discount_only") > 0.7
    assert all(other < 0.3 for other in share.values())


def test_browsers_never_buy_and_cart_abandoners_rarely(rows):
    orders = dict(rows("select latent_type, avg(orders) from true_persons group by all"))
    assert orders["browser"] == 0
    assert 0 < orders["cart_abandoner"] < 2
    buyers = [n for kind, n in orders.items() if kind not in ("browser", "cart_abandoner")]
    assert all(4 < n < 15 for n in buyers)
    assert orders["loyal_regular"] == max(orders.values())


def test_browsers_look_and_abandoners_fill_carts(rows):
    added = dict(
        rows(
            """
            select latent_type, avg((event_text = 'Product Added')::int)
            from web_tracks
            join true_identifiers on identifier = anonymous_id
            join true_persons using (person_id)
            where event_text in ('Product Viewed', 'Product Added')
                and latent_type in ('browser', 'cart_abandoner')
            group by all
            """
        )
    )
    assert added["cart_abandoner"] > 2 * added["browser"] > 0


def test_email_lovers_open_mails_and_ignore_text_messages(rows):
    opens = dict(
        rows(
            """
            select latent_type, sum((metric = 'Opened Email')::int)
                / sum((metric = 'Received Email')::int)
            from email_events
            join true_identifiers on identifier = profile_id
            join true_persons using (person_id) group by all
            """
        )
    )
    assert opens.pop("email_lover") > 1.4 * max(opens.values())
    clicks = dict(
        rows(
            """
            select latent_type, sum((status = 'clicked')::int) / sum((status = 'delivered')::int)
            from sms_messages
            join true_identifiers on identifier = to_number and system = 'email'
            join true_persons using (person_id) group by all
            """
        )
    )
    assert clicks.pop("email_lover") < 0.4 * min(clicks.values())


def test_silent_leavers_buy_less_and_less_before_they_go(rows):
    weeks = dict(
        rows(
            """
            select (left_date - ordered_at::date) // 45 as before, count(*)
            from orders join true_persons using (person_id)
            where latent_type = 'silent_leaver' and left_date is not null
                and left_date - joined_date > 180 and left_date - date '2023-01-02' > 180
            group by all
            """
        )
    )
    assert weeks[0] < 0.6 * weeks[1] < 0.9 * weeks[2]


def test_an_order_online_follows_a_visit_on_which_it_was_looked_at(value):
    assert value(
        """
        select avg((pages.second is not null)::int) from (
            select session.anonymous_id, max(seen.timestamp) as second
            from web_tracks as session
            left join web_tracks as seen on seen.anonymous_id = session.anonymous_id
                and seen.event_text = 'Product Added' and seen.timestamp < session.timestamp
                and seen.timestamp > session.timestamp - interval 30 minute
            where session.event_text = 'Order Completed' group by session.id, 1
        ) as pages
        """
    ) > 0.99  # fmt: skip


def test_a_click_leads_to_a_visit_that_names_the_campaign(value):
    clicked = value("select count(*) from email_events where metric = 'Clicked Email'")
    visits = value(
        "select count(distinct (anonymous_id, context_campaign_name, timestamp::date)) "
        "from web_pages where context_campaign_name is not null"
    )
    assert 0.8 * clicked < visits < 1.5 * clicked


def test_a_bad_experience_raises_the_hazard_of_leaving(rows):
    left = dict(
        rows(
            """
            with complaints as (
                select person_id, count(*) as tickets from helpdesk_tickets
                join true_identifiers on identifier = requester_id group by all
            )
            select tickets is not null, avg((left_date is not null)::int)
            from true_persons left join complaints using (person_id)
            where latent_type = 'loyal_regular' group by all
            """
        )
    )
    assert left[True] > 1.3 * left[False]


def test_words_follow_the_mood(rows):
    stars = dict(
        rows(
            """
            select body ilike '%terrible%' or body ilike '%awful%' or body ilike '%hate%',
                avg(rating) from shop_reviews where body is not null group by all
            """
        )
    )
    assert stars[True] < 2.5 < 3.5 < stars[False]


def test_what_goes_together_is_bought_together(value):
    together = value(
        """
        with pairs as (
            select a.product_id, b.product_id as other, count(*) as n
            from shop_order_lines as a join shop_order_lines as b
                on a.order_id = b.order_id and b.position = a.position + 1
            group by all
        )
        select avg(n) from (select max(n)::double / sum(n) as n from pairs group by product_id
            having sum(n) >= 15)
        """
    )
    assert together > 0.15, "one other article follows far more often than the 960th part"


def test_new_articles_arrive_and_are_not_sold_before(rows):
    assert rows(
        """
        select count(*) from shop_order_lines join shop_products on shop_products.id = product_id
        join shop_orders on shop_orders.id = order_id
        where shop_orders.created_at::timestamptz
            < shop_products.published_at::timestamptz - interval 1 day
        """
    ) == [(0,)]  # fmt: skip
    new = "select count(*) from shop_products where published_at > '2023-02'"
    assert rows(new)[0][0] > 200
