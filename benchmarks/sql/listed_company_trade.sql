-- Trade with companies while they are listed (obligations §24), written by hand over the records of a run.
-- In: words.sql.
WITH listing AS (
    SELECT enterprise_code, coalesce(jurisdiction_code, '') AS binds, listed_on,
        coalesce(
            delisted_on,
            (listed_on + to_months(policy_of('ban_months', binds, listed_on).value[1]::INTEGER))::DATE,
            DATE '9999-12-31'
        ) AS off_on
    FROM blacklist
),
trade AS (
    SELECT 'distributor' AS role, distributor_code AS enterprise_code, institution_code, delivery_id AS place, '' AS number,
        0 AS line_no, ordered_on AS day, value_fen AS fen
    FROM line
    UNION ALL
    SELECT DISTINCT 'manufacturer', unnest([p.manufacturer_code, p.mah_code]), l.institution_code, l.delivery_id, '', 0,
        l.ordered_on, l.value_fen
    FROM line l JOIN products p USING (product_code)
    UNION ALL
    SELECT 'seller', seller_code, institution_code, invoice_code, invoice_no, line_no, issued_on, net_fen
    FROM net_line
    WHERE institution_code IS NOT NULL
),
met AS (
    SELECT t.*, i.jurisdiction_code, bool_or(starts_with(i.jurisdiction_code, s.binds)) AS is_here
    FROM trade t
    JOIN listing s ON s.enterprise_code = t.enterprise_code AND t.day >= s.listed_on AND t.day < s.off_on
    JOIN institutions i USING (institution_code)
    GROUP BY ALL
)
SELECT enterprise_code, institution_code, role, jurisdiction_code, count(*) AS lines, count(*) FILTER (is_here) AS here_lines,
    sum(fen)::BIGINT AS amount_fen, min(day) AS first_on, max(day) AS last_on
FROM met
GROUP BY ALL
ORDER BY enterprise_code, institution_code, role
