{# The windows of the feature mart, in days; whole weeks, so that each holds every weekday alike. #}
{% macro feature_windows() -%} {{ return([7, 28, 56, 91, 182, 364]) }} {%- endmacro %}

{#
    The point in time of every feature: an order counts at D iff it was placed before D and was not
    yet known to be cancelled. `facts` has order_date and cancelled_date, `dates` has as_of_date.
#}
{% macro counts_at(facts, dates) -%}
    {{ facts }}.order_date < {{ dates }}.as_of_date
    and ({{ facts }}.cancelled_date is null or {{ facts }}.cancelled_date >= {{ dates }}.as_of_date)
{%- endmacro %}

{# Whether what the product is was known at D; `facts` has described_date, null where it always was. #}
{% macro described_at(facts, dates) -%}
    ({{ facts }}.described_date is null or {{ facts }}.described_date < {{ dates }}.as_of_date)
{%- endmacro %}

{# Sum over the rows that are at most `days` old. #}
{% macro sum_within(value, days, age='age_days') -%}
    sum(case when {{ age }} <= {{ days }} then {{ value }} end)
{%- endmacro %}

{#
    A number whose maximum says which code has the largest amount, the lower code winning a tie.
    Codes are dense by name and below 2^20, so ties are broken by name. Amounts count in hundredths.
#}
{% macro ranked_code(amount, code) -%}
    cast(round(least({{ amount }}, 8e10) * 100) as bigint) * 1048576 + (1048575 - {{ code }})
{%- endmacro %}
{% macro best_code(ranked) -%} (1048575 - mod({{ ranked }}, 1048576)) {%- endmacro %}

{# Doublings since a fixed date, half-life 42 days: sums over it are additive and never restated. #}
{% macro decay_exponent(date) -%}
    ({{ days_between("cast('2000-01-03' as date)", date) }} / 42.0)
{%- endmacro %}

{# Null where the divisor is null or zero. #}
{% macro ratio(dividend, divisor) -%}
    cast({{ dividend }} as double) / nullif(cast({{ divisor }} as double), 0)
{%- endmacro %}

{# The square of an amount, exact: hundredths as decimals, so that sums do not depend on order. #}
{% macro squared(amount) -%}
    cast({{ amount }} as decimal(18, 2)) * cast({{ amount }} as decimal(18, 2))
{%- endmacro %}

{# Zero is known only from the first row of its source on, which is at least `days` before the date. #}
{% macro known_from(source_date, value, days=1) -%}
    case when {{ days_between(source_date, 'as_of_date') }} >= {{ days }} then cast(coalesce({{ value }}, 0) as double) end
{%- endmacro %}

{# Sample standard deviation from a count, a sum and a sum of squares of integers: exact inside. #}
{% macro deviation(count, total, squares) -%}
    case when {{ count }} > 1 then
            sqrt(cast({{ count }} * {{ squares }} - {{ total }} * {{ total }} as double) / ({{ count }} * ({{ count }} - 1)))
        end
{%- endmacro %}

{# Deviation over mean of `n` values of which the total and the squares are known; n counts zeros. #}
{% macro variation(total, squares, n) -%}
    case when {{ total }} > 0 then
            sqrt(greatest(cast({{ n }} * {{ squares }} - {{ squared(total) }} as double), 0)) / cast({{ total }} as double)
        end
{%- endmacro %}

{#
    Brings a decay-weighted sum back to the date: someone who spends x every week has the value x, also where
    the data begin only lately. The divisor is the part of all weight that lies after their start.
#}
{% macro weekly_decay(date, data_start) -%}
    power(2, -{{ decay_exponent(date) }}) * 7 * (power(2, 1 / 42.0) - 1)
    / nullif(1 - power(2, -{{ days_between(data_start, date) }} / 42.0), 0)
{%- endmacro %}

{# Monday is 1; of equals, the earlier day. #}
{% macro preferred_weekday() -%}
    case when orders_364d > 0 then
            cast(7 - mod(greatest(
                {%- for weekday in range(1, 8) %}
                coalesce(weekday_{{ weekday }}_364d, 0) * 8 + {{ 7 - weekday }}{{ ',' if not loop.last }}
                {%- endfor %}
            ), 8) as double)
        end
{%- endmacro %}

{#
    Share of the date's customers below, 0 to 1; those who are equal share the middle of their places, so that
    equal values have equal ranks and equal fifths.
#}
{% macro mid_rank(value, among='as_of_date') -%}
    (rank() over (partition by {{ among }} order by {{ value }}) - 1
        + count(*) over (partition by {{ among }}, {{ value }}) / 2.0)
    / cast(count(*) over (partition by {{ among }}) as double)
{%- endmacro %}

{# 1 (low) to 5 by a rank; null without one. #}
{% macro quintile(rank) -%}
    case when {{ rank }} is not null then cast(least(5, floor({{ rank }} * 5) + 1) as double) end
{%- endmacro %}

{#
    Days without an order that are still this customer's rhythm: their own gap and twice what it varies by, four
    weeks at least; until they have a gap of their own, the shop's.
#}
{% macro patience(own_gap, own_deviation, shop_gap) -%}
    greatest(28.0, coalesce({{ own_gap }} + 2 * coalesce({{ own_deviation }}, {{ own_gap }}), 3 * {{ shop_gap }}, 91.0))
{%- endmacro %}
