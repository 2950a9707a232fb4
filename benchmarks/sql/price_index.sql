-- Prices of a month against the same month of the year before (obligations §25), written by hand over the records of a run.
-- In: words.sql.
WITH monthly AS (
    SELECT l.jurisdiction_code, date_trunc('month', l.accepted_on)::DATE AS begins, l.product_code,
        sum(l.value_fen)::HUGEINT AS value, sum(l.packs) AS packs
    FROM line l JOIN products p USING (product_code)
    WHERE l.ownership = 'public' AND p.kind = 'drug'
    GROUP BY ALL
)
SELECT n.jurisdiction_code, strftime(n.begins, '%Y-%m') AS month,
    sum(n.value)::BIGINT AS purchase_fen,
    count(b.product_code) AS matched_products,
    coalesce(sum(n.value) FILTER (b.product_code IS NOT NULL), 0)::BIGINT AS matched_fen,
    coalesce(sum(b.value), 0)::BIGINT AS base_fen,
    sum(n.value::DOUBLE * (b.packs * 10000)::DOUBLE / (n.packs * 10000)::DOUBLE)
        / nullif(sum(b.value), 0)::DOUBLE AS price_index
FROM monthly n
LEFT JOIN monthly b ON b.jurisdiction_code = n.jurisdiction_code AND b.product_code = n.product_code
    AND b.begins = n.begins - INTERVAL 1 YEAR
GROUP BY ALL
ORDER BY jurisdiction_code, month
