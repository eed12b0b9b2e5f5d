{#
    What kinds of subject line there are, by the words of the variable `subject_words`; a kind may
    name signs such as '?' or '%' as well. A word counts as a whole word, whatever its case.
#}
{% macro subject_kinds() -%} {{ return(['question', 'offer', 'personal', 'urgent', 'newness']) }} {%- endmacro %}

{# Lower case, signs that end a word made blank, a blank at either end. #}
{% macro as_words(text) -%}
    ' ' || translate(lower({{ text }}), '.,:;!?-()"/', '           ') || ' '
{%- endmacro %}

{# Whether a text has one of the words or signs. `words` is the text as_words. #}
{% macro has_any(text, words, wanted) -%}
    (
        {%- for word in wanted %}
        {%- if word in ['?', '%'] %}
        strpos({{ text }}, '{{ word }}') > 0
        {%- else %}
        strpos({{ words }}, ' {{ word | replace("'", "''") }} ') > 0
        {%- endif %}
        {{- ' or' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{# A share of what was sent: where sendings are not all known, what followed them may be more. #}
{% macro share_of(followed, sent) -%}
    case when {{ followed }} > {{ sent }} and {{ sent }} > 0 then 1 else {{ ratio(followed, sent) }} end
{%- endmacro %}
