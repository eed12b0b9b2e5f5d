"""The phrase book of reasons: what features tell of, and how a customer's value is said.

A theme gathers features that tell of one thing; only one of them speaks for it. Patterns are over
whole feature names, in which <d> is a number of days. In the words, {v} is the value, another name
is that feature's value of the same customer, {window} is "in the last 28 days" and {days} is 28.
After a colon stands how to say it: a noun as one|many, or money, share, days, every, plain, times,
tally, lasting, hours, hour, weekday. Of several wordings the first counts whose fields are all
known; one that begins "a <= b: " only where these two features are so. Of several patterns the
first counts that fits. What no pattern fits is said in the column dictionary's words.
"""

from __future__ import annotations

Words = str | tuple[str, ...]
_SINCE_ORDER = (
    "recency_days <= order_gap_mean_days: last order {recency_days:days} ago; "
    "usually {order_gap_mean_days:every}",
    "no order for {recency_days:days}; usually {order_gap_mean_days:every}",
    "no order for {recency_days:days}",
)

PHRASES: dict[str, dict[str, Words]] = {
    "time since the last order": {
        "recency_days|recency_over_gap_ratio|rfm_recency_quintile": _SINCE_ORDER,
    },
    "how often and how much they order": {
        "order_count": "{v:order|orders} ever",
        "orders_<d>_count": "{v:order|orders} {window}",
        "active_weeks_13w_count": "ordered in {v:tally} of the last 13 weeks",
        "rfm_frequency_quintile": "{orders_364d_count:order|orders} in the last year",
        "order_gap_mean_days": "usually orders {v:every}",
        "units_<d>_count": "{v:unit|units} bought {window}",
        "lines_<d>_count": "{v:order line|order lines} {window}",
        "distinct_products_<d>_count": "bought {v:product|products} {window}",
        "distinct_categories_<d>_count": "bought from {v:category|categories} {window}",
    },
    "how steadily they order": {
        "order_gap_deviation_days": "their gaps between orders vary by {v:days}",
        "weekly_spend_variation": "their weekly spend varies by {v:share} around its mean",
    },
    "how long they have been a customer": {
        "tenure_days": "first order {v:days} ago",
        "known_days": "known by name for {v:days}",
    },
    "how much they spend": {
        "spend_amount": "spent {v:money} so far",
        "spend_<d>_amount": "spent {v:money} {window}",
        "weekly_spend_ewma_amount": "spends about {v:money} a week lately",
        "rfm_monetary_quintile": "spent {spend_364d_amount:money} in the last year",
    },
    "how their buying changes": {
        "spend_<d>_to_prior_.*": "spend of {days} days is {v:share} of the {days} days before",
        "orders_<d>_to_prior_.*": "orders of {days} days are {v:share} of the {days} days before",
    },
    "the same time last year": {
        "spend_<d>_last_year_amount": "spent {v:money} in the same {days} days last year",
        "orders_<d>_last_year_count": "{v:order|orders} in the same {days} days last year",
        "spend_next_<d>_last_year_amount": "spent {v:money} in the coming {days} days last year",
    },
    "size of their orders": {
        "average_order_<d>_amount": "{v:money} an order {window}",
    },
    "what they buy": {
        "product_vector_.*": "the kind of products they buy",
        "top_category_share_<d>_rate": "{v:share} of their spend is in one category",
        "category_entropy_<d>": "how widely their spend is spread over categories",
        "top_brand_share_<d>_rate": "{v:share} of their spend is on one brand",
        "private_brand_share_<d>_rate": "{v:share} of their spend is on the shop's own brands",
    },
    "returns": {
        "returns_<d>_count": "{v:return|returns} {window}",
    },
    "weekday and hour of their orders": {
        "weekend_orders_<d>_rate": "{v:share} of their orders fall on a weekend",
        "weekend_spend_rate": "{v:share} of their spend falls on a weekend",
        "preferred_hour": "mostly orders about {v:hour} UTC",
        "preferred_weekday": "mostly orders on a {v:weekday}",
    },
    "new arrivals": {
        "new_arrival_lines_<d>_rate": "{v:share} of what they buy is new in the shop",
        "new_arrival_views_<d>_rate": "{v:share} of what they look at is new in the shop",
        "launch_to_purchase_<d>_mean_days": "buys what is new {v:days} after it comes out",
        "launch_to_view_<d>_mean_days": "looks at what is new {v:days} after it comes out",
    },
    "time of the year": {
        "(yearly|half_year|quarter)_cycle_strength|month_concentration": (
            "how much their orders gather in one part of the year"
        ),
        "best_three_months_rate": "{v:share} of their orders fall in their best three months",
        "own_buying_window_days": "their own season is {v:days} away",
        "own_cycle_days": "their orders come in a cycle of {v:days}",
        "peak_order_day": "their orders gather about day {v:plain} of the year",
    },
    "discounts and coupons": {
        "discount_share_<d>_rate": "{v:share} off the price on average {window}",
        "coupon_orders_<d>_rate": "a coupon in {v:share} of their orders {window}",
        "coupon_redemptions_<d>_count": "{v:coupon|coupons} redeemed {window}",
        "discounted_spend_<d>_amount": "spent {v:money} in orders with a discount {window}",
        "full_price_spend_<d>_amount": "spent {v:money} at full price {window}",
        "discounted_spend_<d>_rate": "{v:share} of their spend in orders with a discount {window}",
        "discounted_to_full_order_<d>_ratio": (
            "an order with a discount is {v:times} as large as one without"
        ),
        "offers_<d>_count": "{v:campaign|campaigns} sent to them {window}",
        "offer_redemption_<d>_rate": "redeemed {v:share} of the offers sent {window}",
        "offer_to_redemption_<d>_days": "takes {v:days} to redeem an offer",
    },
    "how they react to e-mail": {
        "email_sent_<d>_count": "{v:e-mail|e-mails} sent to them {window}",
        "email_opened_<d>_count": "{v:e-mail|e-mails} opened {window}",
        "email_clicked_<d>_count": "{v:e-mail|e-mails} clicked {window}",
        "email_open_<d>_rate": "opened {v:share} of the e-mails {window}",
        "email_click_<d>_rate": "clicked in {v:share} of the e-mails {window}",
    },
    "how they react to text messages": {
        "sms_sent_<d>_count": "{v:text message|text messages} sent to them {window}",
        "sms_opened_<d>_count": "{v:text message|text messages} opened {window}",
        "sms_clicked_<d>_count": "{v:text message|text messages} clicked {window}",
        "sms_open_<d>_rate": "opened {v:share} of the text messages {window}",
        "sms_click_<d>_rate": "clicked in {v:share} of the text messages {window}",
    },
    "how they react to push messages": {
        "push_sent_<d>_count": "{v:push message|push messages} sent to them {window}",
        "push_opened_<d>_count": "{v:push message|push messages} opened {window}",
        "push_clicked_<d>_count": "{v:push message|push messages} clicked {window}",
        "push_open_<d>_rate": "opened {v:share} of the push messages {window}",
        "push_click_<d>_rate": "clicked in {v:share} of the push messages {window}",
    },
    "how they react to messages": {
        "message_reaction_<d>_hours": "reacts to a message after {v:hours}",
        "message_open_recency_days": "last opened a message {v:days} ago",
        "message_click_recency_days": "last clicked in a message {v:days} ago",
        "message_engagement_decayed_count": "how much they open and click lately",
        "best_send_hour": "reads messages mostly about {v:hour} UTC",
        "best_send_weekday": "reads messages mostly on a {v:weekday}",
        "(question|offer|personal|urgent|newness)_subject_open_<d>_rate": (
            "which subject lines they open"
        ),
        "discounted_orders_after_click_<d>_count": (
            "{v:order|orders} with a discount soon after a click {window}"
        ),
        "orders_after_click_<d>_count": "{v:order|orders} soon after a click {window}",
        "click_to_order_<d>_days": "orders {v:days} after a click in a message",
    },
    "messages they do not want": {
        "messages_unsubscribed_<d>_count": "unsubscribed from {v:message|messages} {window}",
        "messages_complained_<d>_count": "complained about {v:message|messages} {window}",
        "messages_bounced_<d>_count": "{v:message|messages} could not be delivered {window}",
    },
    "help they asked for": {
        "support_tickets_<d>_count": "{v:request|requests} for help {window}",
        "support_tickets_open_count": "{v:open request|open requests} for help",
        "support_close_<d>_hours": "their requests for help took {v:hours}",
        "support_recency_days": "last asked for help {v:days} ago",
    },
    "how content they are": {
        "support_satisfaction_<d>_rate": "satisfied with {v:share} of the help {window}",
        "support_unhappy_<d>_count": "unhappy with {v:request|requests} for help {window}",
        "(ticket_sentiment|review_sentiment)_<d>|last_ticket_sentiment": (
            "how happy their words sound ({v:plain} on a scale from -1 to 1)"
        ),
        "negative_tickets_<d>_rate": "{v:share} of their requests sound unhappy {window}",
        "review_mean_rating": "rates with {v:plain} on average",
        "review_last_rating": "last rating was {v:plain}",
    },
    "what they write about": {
        r"topic_\d+_<d>_rate": "what they write about",
    },
    "reviews": {
        "review_count": "{v:review|reviews} ever",
        "reviews_<d>_count": "{v:review|reviews} {window}",
        "review_recency_days": "last review {v:days} ago",
    },
    "loyalty programme": {
        "loyalty_tenure_days": "joined the loyalty programme {v:days} ago",
        "loyalty_points_balance": "{v:loyalty point|loyalty points} unspent",
        "loyalty_points_earned_<d>_count": "{v:loyalty point|loyalty points} earned {window}",
        "loyalty_points_redeemed_<d>_count": "{v:loyalty point|loyalty points} redeemed {window}",
        "loyalty_redeem_recency_days": "last redeemed points {v:days} ago",
    },
    "subscriptions": {
        "active_subscriptions_count": "{v:running subscription|running subscriptions}",
        "subscription_monthly_amount": "subscriptions for {v:money} a month",
        "subscription_tenure_days": "a subscription for {v:days}",
        "subscription_renewal_days": "next renewal in {v:days}",
        "subscription_renewals_count": "{v:renewal|renewals} ever",
        "subscription_upgrades_count": "{v:change|changes} to a dearer plan ever",
        "subscription_downgrades_count": "{v:change|changes} to a cheaper plan ever",
    },
    "trouble with subscriptions": {
        "subscription_failures_<d>_count": "{v:failed payment|failed payments} {window}",
        "subscription_cancellations_count": "{v:cancelled subscription|cancelled subscriptions}",
        "subscription_failure_recency_days": "a payment for a subscription failed {v:days} ago",
        "subscription_cancel_recency_days": "last cancelled a subscription {v:days} ago",
    },
    "the business they buy for": {
        "account_members_count": "{v:person buys|people buy} for their business",
        "account_other_orders_<d>_count": "{v:order|orders} by others of their business {window}",
        "account_employees": "their business employs {v:person|people}",
    },
    "visits to the site or app": {
        "sessions_<d>_count": "{v:visit|visits} {window}",
        "visit_days_<d>_count": "{v:day|days} with a visit {window}",
        "pages_<d>_count": "{v:page|pages} looked at {window}",
        "product_views_<d>_count": "{v:product view|product views} {window}",
        "(searches|refinements)_<d>_count": "{v:search|searches} {window}",
        "weekly_sessions_ewma_count": "about {v:visit|visits} a week lately",
        "visit_recency_days": "last visit {v:days} ago",
        "sessions_<d>_to_prior_.*": "visits of {days} days are {v:share} of the {days} days before",
    },
    "how they use the site or app": {
        "feature_uses_<d>_count": "{v:use|uses} of features of the site {window}",
        "pages_per_session_<d>_ratio": "{v:page|pages} a visit {window}",
        "session_duration_<d>_seconds": "a visit lasted {v:lasting} on average {window}",
        "interaction_gap_<d>_seconds": "{v:lasting} between two actions of a visit {window}",
        "browsing_velocity_<d>_ratio": "{v:page|pages} a minute of visit {window}",
        "refinement_<d>_rate": "{v:share} of their searches follow right after another {window}",
        "login_sessions_<d>_rate": "logged in at {v:share} of their visits {window}",
        "app_sessions_<d>_rate": "{v:share} of their visits in the app {window}",
        "phone_sessions_<d>_rate": "{v:share} of their visits by phone {window}",
        "video_completion_<d>_rate": "watches {v:share} of a video {window}",
        "scroll_depth_(mean|max)_<d>": "how far they scroll",
        "behaviour_vector_.*": "the kind of things they do on the site",
    },
    "carts and checkouts": {
        "cart_adds_<d>_count": "{v:product|products} put into the cart {window}",
        "cart_removes_<d>_count": "{v:product|products} taken out of the cart {window}",
        "abandonments_<d>_count": "{v:cart|carts} left behind {window}",
        "abandonment_<d>_rate": "{v:share} of their carts left behind {window}",
        "abandonment_recency_days": "last left a cart {v:days} ago",
        "checkouts_<d>_count": "{v:checkout|checkouts} started {window}",
        "lost_checkouts_<d>_count": "{v:checkout|checkouts} not completed {window}",
        "lost_checkout_<d>_rate": "{v:share} of their checkouts not completed {window}",
        "checkout_recency_days": "last started a checkout {v:days} ago",
        "high_intent_pages_<d>_count": "{v:page|pages} that speak of buying soon {window}",
        "high_intent_pages_<d>_rate": "{v:share} of their pages speak of buying soon {window}",
        "weekly_high_intent_pages_ewma_count": (
            "about {v:page|pages} a week that speak of buying soon"
        ),
        "high_intent_recency_days": "last page that speaks of buying soon {v:days} ago",
    },
    "what they look at": {
        "viewed_categories_<d>_count": "looked at {v:category|categories} {window}",
        "viewed_brands_<d>_count": "looked at {v:brand|brands} {window}",
        "viewed_top_category_share_<d>_rate": "{v:share} of their views in one category {window}",
        "viewed_top_brand_share_<d>_rate": "{v:share} of their views on one brand {window}",
        "viewed_in_top_category_<d>_rate": (
            "{v:share} of their views in the category that they buy most {window}"
        ),
        "viewed_category_entropy_<d>": "how widely they look around over categories",
    },
    "advertising": {
        "ad_touches_<d>_count": "{v:advertisement|advertisements} seen or clicked {window}",
        "ad_clicks_<d>_count": "{v:advertisement|advertisements} clicked {window}",
        "ad_click_<d>_rate": "clicked {v:share} of the advertisements {window}",
        "ad_cost_amount": "{v:money} spent on advertising to them",
        "ad_cost_<d>_amount": "{v:money} spent on advertising to them {window}",
        "ad_touch_recency_days": "last advertisement {v:days} ago",
        "ad_click_recency_days": "last clicked an advertisement {v:days} ago",
        "ad_touch_to_order_mean_days": "orders {v:days} after an advertisement",
        "orders_after_ad_<d>_rate": "{v:share} of their order days follow an advertisement",
    },
    "who they are known as": {
        "known_identifiers_count": "known by {v:identifier|identifiers}",
        "browsers_count": "{v:browser or device|browsers and devices}",
    },
    "consent to e-mail": {
        "email_consent_recency_days": "decided about e-mail {v:days} ago",
    },
    "consent to text messages": {
        "sms_consent_recency_days": "decided about text messages {v:days} ago",
    },
    "consent to push messages": {
        "push_consent_recency_days": "decided about push messages {v:days} ago",
    },
    "consent to advertising": {
        "ads_consent_recency_days": "decided about advertising {v:days} ago",
    },
    "consent to profiling": {
        "profiling_consent_recency_days": "decided about profiling {v:days} ago",
    },
}
# Features that are 1 or 0, in words for each.
FLAGS: dict[str, tuple[str, str, str]] = {
    "is_loyalty_member": (
        "loyalty programme",
        "in the loyalty programme",
        "not in the loyalty programme",
    ),
    "is_account_member": (
        "the business they buy for",
        "buys for a business",
        "buys for no business",
    ),
    "email_consent": ("consent to e-mail", "allows e-mail", "does not allow e-mail"),
    "sms_consent": ("consent to text messages", "allows text messages", "allows no text messages"),
    "push_consent": ("consent to push messages", "allows push messages", "allows no push messages"),
    "ads_consent": ("consent to advertising", "allows advertising", "does not allow advertising"),
    "profiling_consent": ("consent to profiling", "allows profiling", "does not allow profiling"),
}
