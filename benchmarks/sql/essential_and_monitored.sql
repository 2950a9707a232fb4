-- Essential, insured, monitored and negotiated (obligations §17).
WITH windowed AS MATERIALIZED (
    SELECT l.*,
        l.accepted_on >= date_trunc('year', getvariable('as_of')) AS now,
        l.accepted_on BETWEEN date_trunc('year', getvariable('as_of')) - INTERVAL 1 YEAR
            AND getvariable('as_of') - INTERVAL 1 YEAR AS before
    FROM measured_line l
    WHERE (now OR before) AND (l.kind = 'consumable' OR l.special_category <> 'tcm_decoction')
),
asked AS MATERIALIZED (SELECT DISTINCT product_code, jurisdiction_code, accepted_on FROM windowed),
on_the_day AS (
    SELECT DISTINCT a.*, CASE e.list WHEN 'essential' THEN 'essential' ELSE 'insured' END AS list
    FROM asked a
    JOIN listed_or_flagged e ON e.product_code = a.product_code AND starts_with(a.jurisdiction_code, e.binds)
        AND a.accepted_on BETWEEN e.valid_from AND e.valid_to
    WHERE e.list IN ('essential', 'insurance_a', 'insurance_b', 'negotiated')
),
at_last AS (
    SELECT DISTINCT a.product_code, a.jurisdiction_code, e.list
    FROM (SELECT DISTINCT product_code, jurisdiction_code FROM asked) a
    JOIN listed_or_flagged e ON e.product_code = a.product_code AND starts_with(a.jurisdiction_code, e.binds)
        AND getvariable('as_of') BETWEEN e.valid_from AND e.valid_to
    WHERE e.list IN ('key_monitored', 'negotiated', 'governed_consumable')
),
marked AS (
    SELECT w.institution_code, w.jurisdiction_code, w.product_code, w.value_fen AS fen,
        w.now AND w.kind = 'drug' AS drug, w.now AND w.kind = 'consumable' AS consumable,
        w.before AND w.kind = 'drug' AS drug_before, w.before AND w.kind = 'consumable' AND g.list IS NOT NULL AS governed_before,
        e.list IS NOT NULL AS is_essential, n.list IS NOT NULL AS is_insured, k.list IS NOT NULL AS is_monitored,
        t.list IS NOT NULL AS is_negotiated, g.list IS NOT NULL AS is_governed,
        c.product_code IS NULL AS is_other
    FROM windowed w
    LEFT JOIN on_the_day e ON (e.product_code, e.jurisdiction_code, e.accepted_on, e.list)
        = (w.product_code, w.jurisdiction_code, w.accepted_on, 'essential')
    LEFT JOIN on_the_day n ON (n.product_code, n.jurisdiction_code, n.accepted_on, n.list)
        = (w.product_code, w.jurisdiction_code, w.accepted_on, 'insured')
    LEFT JOIN at_last k ON (k.product_code, k.jurisdiction_code, k.list) = (w.product_code, w.jurisdiction_code, 'key_monitored')
    LEFT JOIN at_last t ON (t.product_code, t.jurisdiction_code, t.list) = (w.product_code, w.jurisdiction_code, 'negotiated')
    LEFT JOIN at_last g ON (g.product_code, g.jurisdiction_code, g.list)
        = (w.product_code, w.jurisdiction_code, 'governed_consumable')
    LEFT JOIN (SELECT DISTINCT product_code, accepted_on, jurisdiction_code FROM classed) c
        ON (c.product_code, c.accepted_on, c.jurisdiction_code) = (w.product_code, w.accepted_on, w.jurisdiction_code)
),
summed AS (
    SELECT institution_code, jurisdiction_code,
        coalesce(sum(fen) FILTER (drug), 0)::BIGINT AS drug_fen,
        count(DISTINCT product_code) FILTER (drug) AS drug_products,
        coalesce(sum(fen) FILTER (drug AND is_essential), 0)::BIGINT AS essential_fen,
        count(DISTINCT product_code) FILTER (drug AND is_essential) AS essential_products,
        coalesce(sum(fen) FILTER (drug AND is_insured), 0)::BIGINT AS insured_fen,
        count(DISTINCT product_code) FILTER (drug AND is_insured) AS insured_products,
        coalesce(sum(fen) FILTER (drug AND is_monitored), 0)::BIGINT AS monitored_fen,
        coalesce(sum(fen) FILTER (drug AND is_negotiated), 0)::BIGINT AS negotiated_fen,
        coalesce(sum(fen) FILTER (drug AND is_other), 0)::BIGINT AS other_fen,
        coalesce(sum(fen) FILTER (consumable), 0)::BIGINT AS consumable_fen,
        coalesce(sum(fen) FILTER (consumable AND is_governed), 0)::BIGINT AS governed_fen,
        coalesce(sum(fen) FILTER (drug_before), 0)::BIGINT AS drug_fen_before,
        coalesce(sum(fen) FILTER (drug_before AND is_monitored), 0)::BIGINT AS monitored_fen_before,
        coalesce(sum(fen) FILTER (governed_before), 0)::BIGINT AS governed_fen_before
    FROM marked
    GROUP BY ALL
)
SELECT *, essential_fen::DOUBLE / nullif(drug_fen, 0)::DOUBLE AS essential_share_amount,
    essential_products::DOUBLE / nullif(drug_products, 0)::DOUBLE AS essential_share_products,
    insured_fen::DOUBLE / nullif(drug_fen, 0)::DOUBLE AS insured_share_amount,
    insured_products::DOUBLE / nullif(drug_products, 0)::DOUBLE AS insured_share_products,
    monitored_fen::DOUBLE / nullif(drug_fen, 0)::DOUBLE AS monitored_share,
    (monitored_fen - monitored_fen_before)::DOUBLE / nullif(monitored_fen_before, 0)::DOUBLE AS monitored_growth,
    policy_of('monitored_growth_limit', jurisdiction_code, getvariable('as_of')).policy_id AS policy_id
FROM summed
ORDER BY institution_code
