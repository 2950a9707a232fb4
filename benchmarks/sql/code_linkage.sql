-- Codes linked from purchase to use to settlement (obligations §19).
WITH purchases AS (
    SELECT l.institution_code, l.month, sum(l.value_fen)::BIGINT AS purchase_fen,
        coalesce(sum(l.value_fen) FILTER (m.is_national), 0)::BIGINT AS coded_fen,
        coalesce(sum(l.value_fen) FILTER (l.kind = 'consumable'), 0)::BIGINT AS consumable_fen,
        coalesce(sum(l.value_fen) FILTER (l.kind = 'consumable' AND coalesce(m.udi_di, '') <> ''), 0)::BIGINT AS udi_fen
    FROM measured_line l
    JOIN medicine m USING (product_code)
    GROUP BY ALL
),
known AS ( -- since when a family has had a product
    SELECT head_code, product_code, min(day) AS since
    FROM (
        SELECT f.head AS head_code, l.product_code, l.accepted_on AS day
        FROM measured_line l JOIN family f USING (institution_code)
        UNION ALL
        SELECT f.head AS head_code, u.product_code, u.used_on
        FROM usages u JOIN family f USING (institution_code)
        WHERE u.kind = 'opening' AND u.used_on <= getvariable('as_of')
    )
    GROUP BY ALL
),
used AS (
    SELECT u.institution_code, strftime(u.used_on, '%Y-%m') AS month, sum(u.amount_fen)::BIGINT AS usage_fen,
        coalesce(sum(u.amount_fen) FILTER (k.since <= u.used_on), 0)::BIGINT AS linked_fen,
        coalesce(sum(u.amount_fen) FILTER (u.settlement = 'fund'), 0)::BIGINT AS fund_fen,
        coalesce(sum(u.amount_fen) FILTER (
            u.settlement = 'fund' AND u.settlement_code IN (m.product_code, m.insurance_code)
        ), 0)::BIGINT AS matched_fen
    FROM usages u
    JOIN family f USING (institution_code)
    JOIN medicine m USING (product_code)
    LEFT JOIN known k ON k.head_code = f.head AND k.product_code = u.product_code
    WHERE u.kind = 'dispensed' AND u.used_on <= getvariable('as_of')
    GROUP BY ALL
)
SELECT institution_code, month, jurisdiction_code,
    coalesce(purchase_fen, 0) AS purchase_fen, coalesce(coded_fen, 0) AS coded_fen,
    coded_fen::DOUBLE / nullif(purchase_fen, 0)::DOUBLE AS purchase_code_rate,
    coalesce(usage_fen, 0) AS usage_fen, coalesce(linked_fen, 0) AS linked_fen,
    linked_fen::DOUBLE / nullif(usage_fen, 0)::DOUBLE AS usage_link_rate,
    coalesce(fund_fen, 0) AS fund_fen, coalesce(matched_fen, 0) AS matched_fen,
    matched_fen::DOUBLE / nullif(fund_fen, 0)::DOUBLE AS settlement_match_rate,
    coalesce(consumable_fen, 0) AS consumable_fen, coalesce(udi_fen, 0) AS udi_fen
FROM purchases
FULL JOIN used USING (institution_code, month)
JOIN institutions USING (institution_code)
ORDER BY institution_code, month
