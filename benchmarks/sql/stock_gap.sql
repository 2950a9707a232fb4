-- Stock that cannot be (obligations §19).
WITH alike AS MATERIALIZED ( -- the group of every product, by its lowest code
    SELECT product_code,
        CASE WHEN coalesce(form, '') = '' OR coalesce(strength_text, '') = '' THEN product_code
            ELSE min(product_code) OVER (
                PARTITION BY generic_code, form, strength_text, manufacturer_code, coalesce(form, '') = '' OR coalesce(strength_text, '') = '')
        END AS group_code
    FROM medicine
    WHERE special_category NOT IN ('vaccine', 'reserve')
),
used AS MATERIALIZED (
    SELECT f.head AS head_code, g.group_code, u.kind, u.used_on, (u.quantity * 10000)::HUGEINT * 10000 AS units, u.amount_fen
    FROM usages u
    JOIN family f USING (institution_code)
    JOIN alike g USING (product_code)
    WHERE u.used_on <= getvariable('as_of')
),
opening AS MATERIALIZED (
    SELECT head_code, group_code, used_on AS opening_on, sum(units)::HUGEINT AS opening
    FROM used WHERE kind = 'opening'
    GROUP BY head_code, group_code, used_on
    QUALIFY row_number() OVER (PARTITION BY head_code, group_code ORDER BY used_on DESC) = 1
),
bought AS (
    SELECT o.head_code, o.group_code, sum((l.packs * 10000)::HUGEINT * (p.units_per_pack * 10000)::HUGEINT)::HUGEINT AS bought
    FROM receipt l
    JOIN products p USING (product_code)
    JOIN family f USING (institution_code)
    JOIN alike g USING (product_code)
    JOIN opening o ON o.head_code = f.head AND o.group_code = g.group_code AND l.accepted_on > o.opening_on
    GROUP BY ALL
),
spent AS (
    SELECT head_code, group_code, sum(CASE u.kind WHEN 'dispensed' THEN units ELSE -units END)::HUGEINT AS used,
        sum(CASE u.kind WHEN 'dispensed' THEN amount_fen ELSE -amount_fen END)::BIGINT AS usage_fen
    FROM used u
    JOIN opening o USING (head_code, group_code)
    WHERE u.kind IN ('dispensed', 'returned') AND u.used_on > o.opening_on
    GROUP BY ALL
)
SELECT o.head_code AS institution_code, o.group_code AS product_code, i.jurisdiction_code, o.opening_on,
    opening::DOUBLE / 1e8 AS opening_units, coalesce(bought, 0)::DOUBLE / 1e8 AS bought_units, used::DOUBLE / 1e8 AS used_units,
    (opening + coalesce(bought, 0) - used)::DOUBLE / 1e8 AS gap_units, usage_fen,
    policy_of('stock_gap_tolerance', i.jurisdiction_code, getvariable('as_of')).policy_id AS policy_id
FROM opening o
JOIN spent s USING (head_code, group_code)
LEFT JOIN bought b USING (head_code, group_code)
JOIN institutions i ON i.institution_code = o.head_code
WHERE opening + coalesce(bought, 0) < used
ORDER BY o.head_code, o.group_code
