"""The exports are dirty in every way that real ones are, and still nobody's real data."""

import pytest

from simulation.names import MAIL_DOMAINS

AT_LEAST_ONCE = {
    "guest orders": "shop_orders where customer__id is null and not test",
    "guests by another address": """shop_orders where customer__id is null and email in (
        select identifier from true_identifiers group by 1 having count(*) = 1)""",
    "orders of nobody": "shop_orders where coalesce(customer__id, email, phone) is null",
    "test orders": "shop_orders where test",
    "cancelled orders": "shop_orders where cancelled_at is not null",
    "refunds": "shop_refunds",
    "house addresses": "shop_orders where email = 'noreply@omnishop.example'",
    "placeholder addresses": "crm_contacts where email in ('anonymous', 'null', '0', '-1')",
    "placeholder phones": "shop_orders where phone in ('0', '0000', 'unknown')",
    "role addresses of several": """(select email from crm_contacts where email like 'info@%'
        group by email having count(distinct id) > 1)""",
    "late events": "web_tracks where received_at > timestamp + interval 1 day",
    "events sent twice": "(select id from web_tracks group by id having count(*) > 1)",
    "orders sent twice": "(select id from shop_orders group by id having count(*) > 1)",
    "unknown campaigns": "email_events where campaign_id not in (select id from email_campaigns)",
    "unknown articles": "web_tracks where product_id not in (select id from shop_products)",
    "crawlers": "web_pages where context_user_agent like '%bot%'",
    "missing postcodes": "shop_customers where zip is null",
    "missing categories": "shop_products where product_type is null",
    "empty tickets": "helpdesk_tickets where description is null",
    "tickets with markup": "helpdesk_tickets where description like '%<script>%'",
    "tickets in another script": "helpdesk_tickets where description similar to '.*[а-я].*'",
    "endless texts": """(select description from helpdesk_tickets
        where length(description) > 3000 union all
        select body from shop_reviews where length(body) > 3000)""",
    "second currency": "shop_orders where currency = 'GBP'",
    "contradictions": """(select identifier, purpose, interaction_date from consent_receipts
        group by all having count(distinct status) > 1)""",
    "erasure requests": "consent_requests",
    "contacts in two versions": "(select id from crm_contacts group by id having count(*) > 1)",
    "accounts in two versions": "(select id from shop_customers group by id having count(*) > 1)",
    "companies of several contacts": """(select associatedcompanyid from crm_contacts
        where associatedcompanyid is not null group by 1 having count(distinct id) > 1)""",
    "people twice in the CRM": """(select person_id from true_identifiers
        where identifier_type = 'contact_id' group by 1 having count(*) > 1)""",
    "shared tablets": """(select identifier from true_identifiers
        where system = 'web' and identifier_type = 'anonymous_id'
        group by 1 having count(distinct person_id) > 1)""",
    "shared phones": """(select identifier from true_identifiers
        where identifier_type = 'phone' group by 1 having count(distinct person_id) > 1)""",
    "visitors nobody knows": "true_identifiers where person_id like 'V%'",
    "changed addresses": """(select person_id from true_identifiers
        where system = 'email' and identifier_type = 'email' group by 1 having count(*) > 1)""",
    "streets cut short": "crm_contacts where address like '%str. %' or address like '% Rd'",
    "slips in addresses": """crm_contacts where address not in (
        select shipping_address1 from shop_orders where shipping_address1 is not null)
        and address not like '%.%' and email in (select email from shop_orders)""",
    "slips in e-mail addresses": """(select split_part(a.email, '@', 1) from crm_contacts as a
        join crm_contacts as b on levenshtein(a.email, b.email) = 1 and a.id < b.id
            and a.address = b.address)""",
    "nicknames": "crm_contacts where firstname in ('Alex', 'Tony', 'Bob', 'Bill', 'Kathi')",
    "phones written nationally": "shop_orders where phone like '0%'",
    "phones with spaces": "crm_contacts where phone like '+% % %'",
}


@pytest.mark.parametrize("dirt", AT_LEAST_ONCE)
def test_there_is(value, dirt):
    assert value(f"select count(*) from {AT_LEAST_ONCE[dirt]}") > 0


def test_crawlers_read_hundreds_of_pages_a_minute(value):
    assert value(
        """
        select min(n) from (select anonymous_id, count(*) / 2 as n from web_pages
            where context_user_agent like '%bot%' group by all)
        """
    ) > 100  # fmt: skip


def test_a_second_contact_may_share_no_identifier_but_who_and_where_they_are(value):
    assert value(
        """
        with contacts as (select distinct on (id) * from crm_contacts)
        select count(*) from contacts as a join contacts as b
            on a.lastname = b.lastname and a.firstname = b.firstname and a.address = b.address
            and a.date_of_birth = b.date_of_birth and a.id < b.id
        where b.email is null and b.phone is null
        """
    ) > 0  # fmt: skip


def test_every_address_lies_in_a_domain_that_nobody_can_own(rows):
    domains = rows(
        """
        select distinct split_part(identifier, '@', 2) from true_identifiers
        where identifier like '%@%'
        """
    )
    reserved = {*MAIL_DOMAINS}
    assert all(domain in reserved or domain.endswith("example") for (domain,) in domains)


def test_household_members_have_different_first_names_at_one_address(value):
    assert value(
        """
        with latest as (select distinct on (id) * from shop_customers where address1 is not null)
        select count(*) from latest as a join latest as b on a.address1 = b.address1
            and a.zip = b.zip and a.city = b.city and a.first_name = b.first_name and a.id < b.id
        """
    ) == 0  # fmt: skip


def test_volumes_are_plausible_per_customer_and_year(value):
    years = "(select count(*) * 400 / 365 from true_persons)"
    between = {
        "web_pages": (15, 40), "web_tracks": (20, 60), "email_events": (15, 45),
        "ads_touches": (5, 15), "helpdesk_tickets": (0.2, 0.45), "shop_reviews": (0.2, 0.45),
        "shop_orders": (4.5, 9), "shop_order_lines": (13, 27),
    }  # fmt: skip
    for table, (low, high) in between.items():
        per_year = value(f"select count(*) / {years} from {table}")
        assert low < per_year < high, (table, per_year)
