-- Drugs of a member that its head buys as well (obligations §17).
WITH bought AS MATERIALIZED (
    SELECT f.head AS head_code, l.institution_code, l.jurisdiction_code, m.drug_code, bool_or(EXISTS (
            SELECT 1 FROM listed_or_flagged e
            WHERE e.list = 'essential' AND e.product_code = l.product_code AND starts_with(l.jurisdiction_code, e.binds)
                AND l.accepted_on BETWEEN e.valid_from AND e.valid_to
        )) AS is_essential
    FROM measured_line l
    JOIN family f USING (institution_code)
    JOIN medicine m USING (product_code)
    WHERE l.kind = 'drug' AND l.accepted_on >= date_trunc('year', getvariable('as_of'))
    GROUP BY ALL
)
SELECT b.head_code, b.institution_code, b.jurisdiction_code, count(*) AS drug_codes,
    count(h.drug_code) AS shared, count(h.drug_code)::DOUBLE / count(*) AS shared_share,
    count(h.drug_code) FILTER (b.is_essential) AS essential_shared
FROM bought b
LEFT JOIN bought h ON h.institution_code = b.head_code AND h.drug_code = b.drug_code
WHERE b.institution_code <> b.head_code
GROUP BY ALL
ORDER BY ALL
