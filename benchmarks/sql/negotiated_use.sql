-- Negotiated drugs (obligations §17): every division with a public tertiary or secondary institution, every product listed.
WITH place AS (
    SELECT jurisdiction_code, count(*) FILTER (ownership = 'public' AND level IN ('tertiary', 'secondary')) AS institutions,
        count(*) FILTER (ownership = 'retail') AS pharmacies
    FROM institutions
    GROUP BY jurisdiction_code
    HAVING institutions > 0
),
offered AS (
    SELECT DISTINCT p.jurisdiction_code, p.institutions, p.pharmacies, e.product_code
    FROM place p
    JOIN listed_or_flagged e ON e.list = 'negotiated' AND starts_with(p.jurisdiction_code, e.binds)
        AND getvariable('as_of') BETWEEN e.valid_from AND e.valid_to
),
bought AS (
    SELECT l.jurisdiction_code, l.product_code,
        count(DISTINCT l.institution_code) FILTER (i.ownership = 'public' AND i.level IN ('tertiary', 'secondary')) AS buyers,
        coalesce(sum(l.value_fen) FILTER (i.ownership = 'public' AND i.level IN ('tertiary', 'secondary')), 0)::BIGINT AS purchase_fen,
        count(DISTINCT l.institution_code) FILTER (i.ownership = 'retail') AS pharmacy_buyers
    FROM measured_line l
    JOIN institutions i USING (institution_code)
    WHERE l.accepted_on >= date_trunc('year', getvariable('as_of'))
    GROUP BY ALL
)
SELECT jurisdiction_code, product_code, institutions, coalesce(buyers, 0) AS buyers,
    coalesce(buyers, 0)::DOUBLE / institutions AS buyer_share, coalesce(purchase_fen, 0) AS purchase_fen, pharmacies,
    coalesce(pharmacy_buyers, 0) AS pharmacy_buyers
FROM offered
LEFT JOIN bought USING (jurisdiction_code, product_code)
ORDER BY ALL
