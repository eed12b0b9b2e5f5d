{# Whether a page speaks of buying soon: its path is like one of the setting's patterns. #}
{% macro is_high_intent(page) -%}
    coalesce({% for pattern in var('high_intent_pages') -%}
        lower({{ page }}) like '{{ pattern }}'{{ ' or ' if not loop.last }}
    {%- endfor %}, false)
{%- endmacro %}

{# What a visit counts: (column, condition on one event). #}
{% macro web_counts() -%}
    {{ return([
        ('event_count', '1 = 1'),
        ('page_count', "event_type in ('page_view', 'product_view')"),
        ('product_view_count', "event_type = 'product_view'"),
        ('search_count', "event_type = 'search'"),
        ('refinement_count', 'is_refinement'),
        ('cart_add_count', "event_type = 'add_to_cart'"),
        ('cart_remove_count', "event_type = 'remove_from_cart'"),
        ('checkout_count', "event_type = 'checkout_start'"),
        ('purchase_count', "event_type = 'purchase'"),
        ('login_count', "event_type = 'login'"),
        ('signup_count', "event_type = 'signup'"),
        ('feature_use_count', "event_type = 'feature_use'"),
        ('video_count', "event_type = 'video_progress'"),
        ('high_intent_count', 'is_high_intent'),
        ('scroll_count', "event_type <> 'video_progress' and scroll_depth is not null"),
        ('gap_count', 'gap_seconds is not null'),
    ]) }}
{%- endmacro %}

{# What a day of the web adds: sums over what happened, and over how visits ended. #}
{% macro web_event_sums() -%}
    {{ return([
        'page_count', 'product_view_count', 'search_count', 'refinement_count', 'cart_add_count', 'cart_remove_count',
        'checkout_count', 'feature_use_count', 'high_intent_count', 'gap_seconds', 'gap_count', 'scroll_sum',
        'scroll_count', 'video_share',
    ]) }}
{%- endmacro %}
{% macro web_sums() -%}
    {{ return(['session_count', 'login_session_count', 'app_session_count'] + web_event_sums() + [
        'event_day_count', 'cart_session_count', 'abandonment_count', 'checkout_session_count', 'lost_checkout_count',
    ]) }}
{%- endmacro %}

{# Texts as SQL sees them in a list. #}
{% macro quoted(texts) -%} '{{ texts | join("', '") }}' {%- endmacro %}

{# What a day adds of lines and views of products whose launch is known. #}
{% macro arrival_sums() -%}
    {{ return([
        'line_count', 'new_line_count', 'first_line_count', 'first_line_days',
        'view_count', 'new_view_count', 'first_view_count', 'first_view_days',
    ]) }}
{%- endmacro %}
