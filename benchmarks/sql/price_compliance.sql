-- What an institution paid beyond and below the prices that hold, and charged beyond what it paid (obligations §25),
-- written by hand over the records of a run. In: words.sql.
WITH charged AS (
    SELECT institution_code, delivery_id, list_contains(kinds.value, kind) AND charge_price IS NOT NULL
        AND NOT coalesce(list_contains(exempt.value, special_category), false) AS is_charged
    FROM priced_line
    JOIN (
        SELECT jurisdiction_code, accepted_on, policy_of('markup_kinds', jurisdiction_code, accepted_on) AS kinds,
            policy_of('markup_exempt_categories', jurisdiction_code, accepted_on) AS exempt
        FROM (SELECT DISTINCT jurisdiction_code, accepted_on FROM line)
    ) USING (jurisdiction_code, accepted_on)
),
judged AS (
    SELECT *, strftime(accepted_on, '%Y-%m') AS month,
        coalesce(is_charged, false) AS is_free_of_markup,
        coalesce(is_free_of_markup AND charge_price - unit_price > tolerance * greatest(1, units_per_pack), false) AS is_markup
    FROM priced_line JOIN charged USING (institution_code, delivery_id)
),
summed AS (
    SELECT institution_code, month, jurisdiction_code,
        sum(value_fen)::BIGINT AS purchase_fen,
        coalesce(sum(value_fen) FILTER (basis IS NOT NULL), 0)::BIGINT AS compared_fen,
        count(*) FILTER (is_over) AS over_lines,
        coalesce(sum(fen(over_price * packs)) FILTER (is_over), 0)::BIGINT AS over_fen,
        coalesce(sum(value_fen) FILTER (is_over), 0)::BIGINT AS over_value_fen,
        count(*) FILTER (is_below) AS below_lines,
        coalesce(sum(fen(-over_price * packs)) FILTER (is_below), 0)::BIGINT AS below_fen,
        count(*) FILTER (is_free_of_markup) AS charged_lines,
        count(*) FILTER (is_markup) AS markup_lines,
        coalesce(sum(fen((charge_price - unit_price) * packs)) FILTER (is_markup), 0)::BIGINT AS markup_fen
    FROM judged GROUP BY ALL
)
SELECT *, over_value_fen::DOUBLE / nullif(compared_fen, 0)::DOUBLE AS over_share,
    policy_of('pack_price_method', jurisdiction_code, last_day((month || '-01')::DATE)).policy_id AS policy_id
FROM summed
ORDER BY institution_code, month
