-- What public institutions of a province paid for a pack (obligations §25), written by hand over the records of a run.
-- In: words.sql. A mean price is value / packs: hundredths of a fen over 1/10,000 packs give yuan.
WITH monthly AS (
    SELECT l.*, left(l.jurisdiction_code, 2) AS province, strftime(l.accepted_on, '%Y-%m') AS month,
        p.generic_code, p.route, p.manufacturer_code
    FROM line l JOIN product p USING (product_code)
),
each AS (
    SELECT province, product_code, month, generic_code, route, institution_code, sum(value_fen)::HUGEINT * 100 AS value,
        (sum(packs) * 10000)::HUGEINT AS packs
    FROM monthly
    WHERE ownership = 'public' AND NOT is_emergency
    GROUP BY ALL
),
ranked AS (
    SELECT *, value::DOUBLE / packs::DOUBLE AS mean, row_number() OVER (peers ORDER BY mean) AS place,
        count(*) OVER peers AS peers
    FROM each
    WINDOW peers AS (PARTITION BY province, product_code, month)
),
summed AS (
    SELECT province, product_code, month, generic_code, route, count(*) AS institutions,
        min(mean) AS lowest_price, max(mean) AS highest_price,
        sum(packs)::DOUBLE / 1e4 AS packs, (sum(value) // 100)::BIGINT AS value_fen,
        min(value) FILTER (place = (peers + 1) // 2) AS value1, min(packs) FILTER (place = (peers + 1) // 2) AS packs1,
        min(value) FILTER (place = peers // 2 + 1) AS value2, min(packs) FILTER (place = peers // 2 + 1) AS packs2
    FROM ranked GROUP BY ALL
),
makers AS (
    SELECT province, month, generic_code, route, count(DISTINCT manufacturer_code) AS manufacturers
    FROM monthly GROUP BY ALL
)
SELECT s.*, (value1 * packs2 + value2 * packs1)::DOUBLE / (2 * packs1 * packs2)::DOUBLE AS median_price, m.manufacturers,
    policy_of('peer_limit', s.province, getvariable('as_of')).policy_id AS policy_id
FROM summed s JOIN makers m USING (province, month, generic_code, route)
ORDER BY province, product_code, month
