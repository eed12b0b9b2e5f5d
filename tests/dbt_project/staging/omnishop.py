"""A handful of rows of each of omnishop's systems, small enough to check by hand."""

from pathlib import Path

import pandas as pd

BOT = "Mozilla/5.0 (compatible; Googlebot/2.1)"
PHONE = "Mozilla/5.0 (Linux; Android 13; CUBOT P80)"
JAN = "2024-01-"


def order(id, day, customer=None, **more):
    """One order of 30.00 after 5.00 of discount, by `customer` or a guest."""
    row = {"id": id, "customer__id": customer, "created_at": f"{JAN}{day} 10:00:00"}
    row |= {"currency": "eur", "total_price": 36.0, "subtotal_price": 30.0, "total_discounts": 5.0}
    return row | {"test": "false", "source_name": "web", "user_agent": PHONE} | more


def line(id, order_id, position, product, quantity, price, discount=0.0):
    row = {"id": id, "order_id": order_id, "position": position, "product_id": product}
    return row | {"quantity": quantity, "price": price, "total_discount": discount}


def event(id, time, anonymous="a1", user=None, **more):
    row = {"id": id, "anonymous_id": anonymous, "user_id": user, "timestamp": f"{JAN}{time}"}
    return row | more


GUEST = {
    "email": "guest@mail.example",
    "phone": "+4915100000001",
    "shipping_first_name": "Gerda",
    "shipping_last_name": "Gast",
    "shipping_city": "Kassel",
    "shipping_country_code": "de",
}
WORLD = {
    "shop_orders": [
        order("1", "02", "7", discount_code=" save10 "),
        order("2", "03", **GUEST),
        order("3", "04", "7", cancelled_at=f"{JAN}06 09:00:00", source_name="pos"),
        order("4", "05", "7", test="true"),
        order("5", "05", None, user_agent=BOT),
        order("6", "06", "8", currency="GBP"),
    ],
    "shop_order_lines": [
        line("10", "1", 1, "p1", 2, 10.0),
        line("11", "1", 1, "p2", 1, 15.0, 5.0),  # the position of the line above, again
        line("12", "2", 1, "p9", 1, 30.0),
        line("13", "3", 1, "p1", 3, 10.0),
        line("14", "4", 1, "p1", 9, 9.0),
    ],
    "shop_refunds": [
        {"id": "r1", "order_id": "1", "line_item_id": "10", "quantity": 1, "subtotal": 10.0},
        {"id": "r2", "order_id": "1", "line_item_id": "11", "quantity": 1, "subtotal": 10.0},
        {"id": "r3", "order_id": "3", "line_item_id": None, "quantity": 1, "subtotal": 30.0},
        {"id": "r4", "order_id": "99", "line_item_id": "77", "quantity": 1, "subtotal": 4.0},
    ],
    "shop_discount_codes": [
        {"code": "SAVE10", "campaign_id": "m1", "created_at": f"{JAN}01"},
    ],
    "shop_products": [
        {"id": "p1", "title": "Mug", "product_type": "Kitchen", "vendor": "Lumo", "price": 10.0},
        {"id": "p2", "title": "Tent", "product_type": "Camping", "vendor": " ", "price": 15.0},
    ],
    "shop_customers": [
        {"id": "7", "email": "anna@mail.example", "first_name": "Anna", "country_code": "de"},
        {"id": "8", "email": "ben@mail.example", "phone": " "},
    ],
    "crm_companies": [{"id": "c1", "name": None, "domain": "acme.example", "annualrevenue": 2e6}],
    "crm_contacts": [{"id": "20", "email": "ANNA@mail.example", "associatedcompanyid": "c1"}],
    "email_profiles": [{"id": "k1", "email": "anna@mail.example", "external_id": "7"}],
    "loyalty_members": [{"id": "l1", "loyalty_number": "LM1", "shop_customer_id": "8"}],
    "helpdesk_users": [{"id": "h1", "name": "Anna Maria Berg", "email": "anna@mail.example"}],
    "billing_customers": [{"id": "b1", "name": "Ben", "shop_customer_id": "8"}],
    "shop_reviews": [
        {"id": "v1", "kind": "review", "customer__id": "7", "product_id": "p1", "rating": 5},
        {"id": "v2", "kind": "survey", "email": "guest@mail.example", "title": "Slow"},
    ],
    "web_pages": [
        event("1", "02 09:00:00", path="/", scroll_depth=0.5, context_user_agent=PHONE),
        event("2", "02 09:01:00", context_user_agent=BOT),
    ],
    "app_screens": [event("1", "02 09:02:00", "a2", name="Home", context_device_id="d1")],
    "web_tracks": [
        event("1", "02 09:03:00", event_text="Product Viewed", product_id="p9"),
        event("2", "02 09:04:00", event_text="Products Searched", query="tent"),
        event("3", "02 09:05:00", event_text="Signed In", user="7"),
        event("4", "02 09:06:00", event_text="Coupon Juggled"),
        event("5", "02 09:07:00", event_text="Feature Used", feature_name="size_guide"),
        event("6", "02 09:08:00", event_text="Video Playback Progress", video_position=0.75),
    ],
    "web_identifies": [event("1", "02 09:05:01", user="7", email="anna@mail.example")],
    "email_events": [
        {"id": "1", "profile_id": "k1", "metric": "Received Email", "campaign_id": "m1"},
        {"id": "2", "profile_id": "k1", "metric": "Opened Email", "campaign_id": "m9"},
        {"id": "3", "profile_id": "k1", "metric": "Subscribed to List"},
    ],
    "sms_messages": [
        {"sid": "s1", "to_number": "+49151", "status": "delivered"},
        {"sid": "s1", "to_number": "+49151", "status": "opted_out"},
    ],
    "ads_touches": [
        {"event_id": "1", "event_type": "View", "advertiser_platform": "Meta", "user_id": "a1"},
    ],
    "email_campaigns": [{"id": "m1", "name": "Winter", "channel": "email", "currency": "eur"}],
    "ads_campaigns": [
        {"campaign_id": "g1", "campaign_name": "Always on", "platform": "meta"},
        {"campaign_id": "m1", "campaign_name": "Same id", "platform": "meta"},
    ],
    "email_campaign_recipients": [
        {"campaign_id": "m1", "profile_id": "k1", "arm": "holdout", "is_randomised": "true"},
    ],
    "helpdesk_tickets": [
        {"id": "t1", "requester_id": "h1", "description": "<b>Hi</b>", "via_channel": "voice"},
        {"id": "t2", "requester_id": "h1", "description": "y" * 25000, "via_channel": "twitter"},
    ],
    "helpdesk_ratings": [
        {"id": "1", "ticket_id": "t1", "satisfaction_rating": "bad", "created_at": f"{JAN}05"},
        {"id": "2", "ticket_id": "t1", "satisfaction_rating": "good", "created_at": f"{JAN}07"},
        {"id": "3", "ticket_id": "t2", "satisfaction_rating": "offered", "created_at": f"{JAN}05"},
    ],
    "loyalty_activities": [
        {"id": "1", "loyalty_number": "LM1", "activity_type": "earn", "points": 30},
        {"id": "2", "loyalty_number": "LM1", "activity_type": "birthday", "points": 5},
    ],
    "billing_subscriptions": [
        {"id": "s1", "customer": "b1", "plan": "basic", "amount": 9.9, "currency": "eur"},
    ],
    "billing_events": [
        {"id": "1", "type": "invoice.paid", "subscription": "s1", "amount": 9.9},
        {"id": "2", "type": "invoice.payment_succeeded", "subscription": "s1", "amount": 9.9},
        {"id": "3", "type": "customer.subscription.deleted", "subscription": "s1"},
    ],
    "consent_receipts": [
        {"id": "1", "identifier_type": "email", "identifier": "anna@mail.example"},
        {"id": "2", "identifier_type": "shop_customer_id", "identifier": "7", "status": "Opt_Out"},
        {"id": "3", "identifier_type": "phone", "identifier": "+49151", "status": "perhaps"},
        {"id": "4", "identifier_type": "passport", "identifier": "X1"},
    ],
    "consent_requests": [
        {"id": "1", "request_type": "erasure", "shop_customer_id": "8"},
        {"id": "2", "request_type": "access", "email": "anna@mail.example"},
    ],
    "fx_rates": [{"rate_date": "2023-12-31", "currency": "GBP", "rate": 1.15}],
}
# What a table's rows have in common, where a row does not say otherwise.
COMMON = {
    "shop_refunds": {"created_at": f"{JAN}08 12:00:00"},
    "shop_products": {"created_at": f"{JAN}01", "updated_at": f"{JAN}01"},
    "shop_customers": {"created_at": f"{JAN}01", "updated_at": f"{JAN}01"},
    "crm_companies": {"createdate": f"{JAN}01", "hs_lastmodifieddate": f"{JAN}01"},
    "crm_contacts": {"createdate": f"{JAN}01", "lastmodifieddate": f"{JAN}01"},
    "email_profiles": {"created": f"{JAN}01", "updated": f"{JAN}01"},
    "loyalty_members": {"created_at": f"{JAN}01", "updated_at": f"{JAN}01"},
    "helpdesk_users": {"created_at": f"{JAN}01", "updated_at": f"{JAN}01"},
    "billing_customers": {"created": f"{JAN}01", "updated": f"{JAN}01"},
    "shop_reviews": {"created_at": f"{JAN}05"},
    "email_events": {"datetime": f"{JAN}03 08:00:00"},
    "sms_messages": {"date_updated": f"{JAN}03 08:00:00"},
    "ads_touches": {"event_time": f"{JAN}02 08:00:00", "currency": "eur"},
    "email_campaigns": {"send_time": f"{JAN}03 08:00:00"},
    "ads_campaigns": {"start_date": f"{JAN}01"},
    "email_campaign_recipients": {"assigned_at": f"{JAN}02"},
    "helpdesk_tickets": {"created_at": f"{JAN}04 08:00:00"},
    "loyalty_activities": {"created_at": f"{JAN}04"},
    "billing_subscriptions": {"start_date": f"{JAN}02", "created": f"{JAN}01 12:00:00"}
    | {"updated": f"{JAN}01 12:00:00"},
    "billing_events": {"created": f"{JAN}20"},
    "consent_receipts": {"purpose": "newsletter", "status": "given"}
    | {"interaction_date": f"{JAN}01 08:00:00"},
    "consent_requests": {"received_at": f"{JAN}09"},
}


def write_world(folder: Path, world: dict[str, list[dict]] = WORLD) -> Path:
    """Every table of the world as a CSV file in its folder."""
    for name, rows in world.items():
        (folder / name).mkdir(parents=True)
        frame = pd.DataFrame([COMMON.get(name, {}) | row for row in rows])
        frame.to_csv(folder / name / "first.csv", index=False)
    return folder
