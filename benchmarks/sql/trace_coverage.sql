-- Packs that are to be traced, and those with a code (obligations §18), written by hand over the records of a run.
-- In: words.sql.
WITH day AS (
    SELECT jurisdiction_code, accepted_on, policy_of('trace_scope', jurisdiction_code, accepted_on).value AS scope
    FROM (SELECT DISTINCT jurisdiction_code, accepted_on FROM line)
),
in_scope AS (
    SELECT l.institution_code, l.delivery_id, l.product_code, l.jurisdiction_code, l.accepted_on, l.packs, l.trace_codes_count
    FROM line l
    JOIN products p USING (product_code)
    JOIN day y USING (jurisdiction_code, accepted_on)
    WHERE (
            list_contains(y.scope, p.kind)
            OR list_contains(y.scope, 'vaccine') AND p.special_category = 'vaccine'
            OR list_contains(y.scope, 'selected') AND p.kind = 'drug' AND EXISTS (
                FROM selected s
                WHERE s.product_code = l.product_code AND l.accepted_on BETWEEN s.valid_from AND s.valid_to
                    AND starts_with(l.jurisdiction_code, s.binds)
            )
        )
        AND NOT EXISTS (
            FROM listed e
            WHERE e.list = 'trace_exempt' AND e.product_code = l.product_code
                AND l.accepted_on BETWEEN e.valid_from AND e.valid_to AND starts_with(l.jurisdiction_code, e.binds)
        )
),
scanned AS (
    SELECT institution_code, delivery_id, product_code, sum(packs) AS packs
    FROM (
        SELECT institution_code, delivery_id, product_code, trace_code, max(packs_per_code) AS packs
        FROM trace_scans SEMI JOIN in_scope USING (institution_code, delivery_id, product_code)
        WHERE event = 'received' AND scanned_on <= getvariable('as_of')
        GROUP BY ALL
    )
    GROUP BY ALL
),
coded AS (
    SELECT l.*, coalesce(s.packs, l.trace_codes_count, 0) AS codes
    FROM in_scope l LEFT JOIN scanned s USING (institution_code, delivery_id, product_code)
)
SELECT institution_code, strftime(accepted_on, '%Y-%m') AS month, jurisdiction_code,
    count(*) AS lines,
    sum(packs)::DOUBLE AS packs,
    sum(least(packs, codes))::DOUBLE AS traced_packs,
    count(*) FILTER (codes < packs) AS untraced_lines,
    (sum(least(packs, codes)) * 10000)::DOUBLE / (sum(packs) * 10000)::DOUBLE AS coverage,
    policy_of('trace_coverage_min', jurisdiction_code, getvariable('as_of')).policy_id AS policy_id
FROM coded
GROUP BY ALL
ORDER BY institution_code, month
