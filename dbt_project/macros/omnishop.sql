{# What the words of the products behind `omnishop` mean here; what is missing is left out and counted. #}
{% macro omnishop_words(kind) -%}
    {{ return({
        'track': {
            'product viewed': 'product_view',
            'products searched': 'search',
            'product added': 'add_to_cart',
            'product removed': 'remove_from_cart',
            'checkout started': 'checkout_start',
            'order completed': 'purchase',
            'signed in': 'login',
            'signed up': 'signup',
            'video playback started': 'video_progress',
            'video playback paused': 'video_progress',
            'video playback completed': 'video_progress',
            'video content started': 'video_progress',
            'video content playing': 'video_progress',
            'video content completed': 'video_progress',
            'video playback progress': 'video_progress',
            'video progress': 'video_progress',
            'feature used': 'feature_use',
        },
        'email': {
            'sent email': 'sent',
            'received email': 'delivered',
            'opened email': 'opened',
            'clicked email': 'clicked',
            'bounced email': 'bounced',
            'dropped email': 'bounced',
            'marked email as spam': 'complained',
            'unsubscribed': 'unsubscribed',
            'unsubscribed from email marketing': 'unsubscribed',
            'unsubscribed from list': 'unsubscribed',
        },
        'sms': {
            'sent': 'sent',
            'delivered': 'delivered',
            'read': 'opened',
            'clicked': 'clicked',
            'undelivered': 'bounced',
            'failed': 'bounced',
            'unsubscribed': 'unsubscribed',
            'opted_out': 'unsubscribed',
        },
        'ad': {
            'impression': 'impression',
            'view': 'impression',
            'click': 'click',
        },
        'review': {
            'review': 'review',
            'survey': 'survey',
            'social': 'social',
        },
        'loyalty': {
            'join': 'join',
            'enrolled': 'join',
            'earn': 'earn',
            'redeem': 'redeem',
            'tier_change': 'tier_change',
        },
        'billing': {
            'invoice.paid': 'renewed',
            'invoice.payment_succeeded': 'renewed',
            'invoice.payment_failed': 'payment_failed',
            'customer.subscription.updated': 'plan_changed',
            'customer.subscription.deleted': 'cancelled',
        },
        'arm': {
            'treatment': 'treatment',
            'treated': 'treatment',
            'control': 'control',
            'holdout': 'control',
        },
        'ticket_channel': {
            'email': 'email',
            'chat': 'chat',
            'messaging': 'chat',
            'phone': 'phone',
            'voice': 'phone',
            'facebook': 'social',
            'twitter': 'social',
            'instagram': 'social',
            'social': 'social',
            'web': 'web',
            'api': 'web',
            'mobile': 'web',
        },
        'order_channel': {
            'web': 'web',
            'pos': 'store',
            'app': 'app',
            'iphone': 'app',
            'android': 'app',
            'shopify_draft_order': 'phone',
        },
        'consent_identifier': {
            'email': 'email',
            'phone': 'phone',
            'anonymous_id': 'anonymous_id',
            'cookie': 'anonymous_id',
            'shop_customer_id': 'source_customer_id',
            'customer_id': 'source_customer_id',
            'user_id': 'source_customer_id',
        },
        'purpose': {
            'email': 'email',
            'email_marketing': 'email',
            'newsletter': 'email',
            'sms': 'sms',
            'sms_marketing': 'sms',
            'push': 'push',
            'push_notifications': 'push',
            'ads': 'ads',
            'advertising': 'ads',
            'profiling': 'profiling',
            'personalization': 'profiling',
            'personalisation': 'profiling',
        },
        'status': {
            'granted': 'granted',
            'given': 'granted',
            'accepted': 'granted',
            'opt_in': 'granted',
            'active': 'granted',
            'confirmed': 'granted',
            'denied': 'denied',
            'declined': 'denied',
            'rejected': 'denied',
            'no_consent': 'denied',
            'withdrawn': 'withdrawn',
            'revoked': 'withdrawn',
            'opt_out': 'withdrawn',
            'expired': 'withdrawn',
        },
        'erasure': {
            'erasure': 'erasure',
            'delete': 'erasure',
            'deletion': 'erasure',
        },
    }[kind]) }}
{%- endmacro %}

{# Trials of the checkout and what robots ordered: no order of anybody's. #}
{% macro is_no_order(orders) -%}
    (coalesce({{ orders }}.test, false) or {{ is_robot(orders ~ '.user_agent') }})
{%- endmacro %}

{# Who ordered: the account, or else the guest of this one order. #}
{% macro buyer_of(orders) -%}
    case when {{ text_or_null(orders ~ '.customer__id') }} is not null
            then 'shop:' || trim({{ orders }}.customer__id)
            else 'guest:' || {{ orders }}.id end
{%- endmacro %}

{# Who wrote a review: the account, or else the writer of this one review. #}
{% macro reviewer_of(reviews) -%}
    case when {{ text_or_null(reviews ~ '.customer__id') }} is not null
            then 'shop:' || trim({{ reviews }}.customer__id)
            else 'review:' || {{ reviews }}.id end
{%- endmacro %}

{# A shop account that another system names, as our source_customer_id. #}
{% macro shop_login(column) -%} 'shop:' || {{ text_or_null(column) }} {%- endmacro %}

{#
    Records of people in all systems, as the canonical customers, the id prefixed by its system.
    newest_only: the newest version of each record, else every version. Each system says which of
    its columns fill ours; what is not said is null.
#}
{% macro omnishop_customers(newest_only) -%}
    {%- set systems = [
        ('shop_customers', {
            'source_customer_id': "'shop:' || record.id",
            'created_at': 'record.created_at',
            'updated_at': 'record.updated_at',
            'email': text_or_null('record.email'),
            'phone': text_or_null('record.phone'),
            'first_name': text_or_null('record.first_name'),
            'last_name': text_or_null('record.last_name'),
            'street': text_or_null('record.address1'),
            'postal_code': text_or_null('record.zip'),
            'city': text_or_null('record.city'),
            'region': text_or_null('record.province'),
            'country': 'upper(' ~ text_or_null('record.country_code') ~ ')',
            'attributes': json_of(['tags']),
        }),
        ('crm_contacts', {
            'source_customer_id': "'crm:' || record.id",
            'created_at': 'record.createdate',
            'updated_at': 'record.lastmodifieddate',
            'account_id': text_or_null('record.associatedcompanyid'),
            'email': text_or_null('record.email'),
            'phone': text_or_null('record.phone'),
            'first_name': text_or_null('record.firstname'),
            'last_name': text_or_null('record.lastname'),
            'birth_date': 'record.date_of_birth',
            'street': text_or_null('record.address'),
            'postal_code': text_or_null('record.zip'),
            'city': text_or_null('record.city'),
            'region': text_or_null('record.state'),
            'country': text_or_null('record.country'),
            'time_zone': text_or_null('record.hs_timezone'),
            'attributes': json_of(['jobtitle', 'lifecyclestage']),
        }),
        ('email_profiles', {
            'source_customer_id': "'email:' || record.id",
            'created_at': 'record.created',
            'updated_at': 'record.updated',
            'email': text_or_null('record.email'),
            'phone': text_or_null('record.phone_number'),
            'first_name': text_or_null('record.first_name'),
            'last_name': text_or_null('record.last_name'),
            'postal_code': text_or_null('record.zip'),
            'city': text_or_null('record.city'),
            'region': text_or_null('record.region'),
            'country': text_or_null('record.country'),
            'time_zone': text_or_null('record.timezone'),
            'login_id': shop_login('record.external_id'),
        }),
        ('helpdesk_users', {
            'source_customer_id': "'helpdesk:' || record.id",
            'created_at': 'record.created_at',
            'updated_at': 'record.updated_at',
            'email': text_or_null('record.email'),
            'phone': text_or_null('record.phone'),
            'first_name': first_word('record.name'),
            'last_name': other_words('record.name'),
            'time_zone': text_or_null('record.time_zone'),
            'login_id': shop_login('record.external_id'),
        }),
        ('loyalty_members', {
            'source_customer_id': "'loyalty:' || record.id",
            'created_at': 'record.created_at',
            'updated_at': 'record.updated_at',
            'email': text_or_null('record.email'),
            'phone': text_or_null('record.phone'),
            'loyalty_id': text_or_null('record.loyalty_number'),
            'first_name': text_or_null('record.first_name'),
            'last_name': text_or_null('record.last_name'),
            'login_id': shop_login('record.shop_customer_id'),
        }),
        ('billing_customers', {
            'source_customer_id': "'billing:' || record.id",
            'created_at': 'record.created',
            'updated_at': 'record.updated',
            'email': text_or_null('record.email'),
            'phone': text_or_null('record.phone'),
            'first_name': first_word('record.name'),
            'last_name': other_words('record.name'),
            'login_id': shop_login('record.shop_customer_id'),
        }),
        ('shop_orders', {
            'source_customer_id': "'guest:' || record.id",
            'created_at': 'record.created_at',
            'updated_at': 'case when record._version > 1 then coalesce(record.updated_at, record.created_at) else record.created_at end',
            'email': text_or_null('record.email'),
            'phone': text_or_null('record.phone'),
            'first_name': text_or_null('record.shipping_first_name'),
            'last_name': text_or_null('record.shipping_last_name'),
            'street': text_or_null('record.shipping_address1'),
            'postal_code': text_or_null('record.shipping_zip'),
            'city': text_or_null('record.shipping_city'),
            'region': text_or_null('record.shipping_province'),
            'country': 'upper(' ~ text_or_null('record.shipping_country_code') ~ ')',
            'only': text_or_null('record.customer__id') ~ ' is null and not ' ~ is_no_order('record'),
        }),
        ('shop_reviews', {
            'source_customer_id': "'review:' || record.id",
            'created_at': 'record.created_at',
            'updated_at': 'record.created_at',
            'email': text_or_null('record.email'),
            'only': text_or_null('record.customer__id') ~ ' is null',
        }),
    ] -%}
    {%- set types = {
        'source_customer_id': 'varchar', 'created_at': 'timestamp', 'updated_at': 'timestamp',
        'account_id': 'varchar', 'email': 'varchar', 'phone': 'varchar', 'loyalty_id': 'varchar',
        'login_id': 'varchar', 'first_name': 'varchar', 'last_name': 'varchar', 'birth_date': 'date',
        'street': 'varchar', 'postal_code': 'varchar', 'city': 'varchar', 'region': 'varchar',
        'country': 'varchar', 'time_zone': 'varchar', 'attributes': 'varchar',
    } -%}
    {%- for table, columns in systems %}
    select
        {%- for column, type in types.items() %}
        cast({{ columns.get(column, 'null') }} as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ source('raw', 'omnishop__' ~ table) }} as record
    where {{ columns.get('only', '1 = 1') }}
        {%- if newest_only %}
        and {{ is_newest_version(source('raw', 'omnishop__' ~ table), 'record', ['id']) }}
        {%- endif %}
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
{%- endmacro %}
