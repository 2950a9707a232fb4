-- Trace codes that are out, or were received, at two or more families (obligations §18), written by hand
-- over the records of a run. In: words.sql.
WITH at_head AS (
    SELECT s.*, f.head
    FROM trace_scans s JOIN family f USING (institution_code)
    WHERE s.scanned_on <= getvariable('as_of')
),
met AS (SELECT trace_code FROM at_head GROUP BY trace_code HAVING min(head) < max(head)),
scan AS ( -- of codes that were seen at two families
    SELECT s.*, s.event = 'received' AND EXISTS (
            FROM returns r
            WHERE r.institution_code = s.institution_code AND r.delivery_id = s.delivery_id AND r.status = 'confirmed'
                AND r.returned_on <= getvariable('as_of')
        ) AS is_sent_back
    FROM at_head s SEMI JOIN met USING (trace_code)
),
at_institution AS (
    SELECT trace_code, institution_code, head,
        count(*) FILTER (event = 'dispensed') AS dispensed, count(*) FILTER (event = 'taken_back') AS taken_back,
        min(scanned_on) FILTER (event = 'dispensed') AS first_on, max(scanned_on) FILTER (event = 'dispensed') AS last_on
    FROM scan GROUP BY ALL
    HAVING dispensed > taken_back
),
out AS (
    SELECT trace_code, count(*) AS institutions, count(DISTINCT head) AS families, sum(dispensed)::BIGINT AS dispensed,
        sum(taken_back)::BIGINT AS taken_back, min(first_on) AS first_on, max(last_on) AS last_on
    FROM at_institution GROUP BY ALL
),
of_all AS (
    SELECT trace_code, min(product_code) AS product_code,
        count(DISTINCT head) FILTER (event = 'received' AND NOT is_sent_back) AS received_families,
        max(scanned_on) FILTER (event = 'received' AND NOT is_sent_back) AS received_last_on
    FROM scan GROUP BY ALL
)
SELECT trace_code, product_code, coalesce(institutions, 0) AS institutions, coalesce(families, 0) AS families,
    coalesce(dispensed, 0) AS dispensed, coalesce(taken_back, 0) AS taken_back, first_on, last_on,
    received_families, received_last_on
FROM of_all LEFT JOIN out USING (trace_code)
WHERE families >= 2 OR received_families >= 2
ORDER BY trace_code
