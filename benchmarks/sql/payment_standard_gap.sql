-- Payment standards beside the selected price (obligations §30), written by hand over the records of a run.
-- In: words.sql.
WITH standard AS (
    SELECT jurisdiction_code, product_code, arg_max(price, valid_from) AS standard,
        policy_of('pack_price_method', jurisdiction_code, getvariable('as_of')).value[1] AS method
    FROM reference_prices
    WHERE kind = 'payment_standard' AND getvariable('as_of') BETWEEN valid_from AND coalesce(valid_to, DATE '9999-12-31')
    GROUP BY ALL
),
today AS (
    SELECT s.*, p.units_per_pack, p.generic_code, p.route
    FROM selected s JOIN product p USING (product_code)
    WHERE getvariable('as_of') BETWEEN s.valid_from AND s.valid_to
),
chosen AS (
    SELECT r.jurisdiction_code, r.product_code,
        first(t.selected_price ORDER BY t.valid_from DESC, t.lot_code, t.item_code) AS price
    FROM standard r JOIN today t ON t.product_code = r.product_code AND starts_with(r.jurisdiction_code, t.binds)
    GROUP BY ALL
),
estimated AS (
    SELECT r.jurisdiction_code, r.product_code,
        first(e.price ORDER BY t.valid_from DESC, e.price, t.product_code) AS price
    FROM standard r
    JOIN sibling b USING (product_code)
    JOIN today t ON t.product_code = b.sibling_code AND starts_with(r.jurisdiction_code, t.binds),
        LATERAL (SELECT estimate(r.method, t.selected_price, b.own_units, b.units) AS price) e
    WHERE r.method IS NOT NULL
    GROUP BY ALL
),
same_generic AS (
    SELECT r.jurisdiction_code, r.product_code, min(per_pack(t.selected_price, p.units_per_pack, t.units_per_pack)) AS price
    FROM standard r
    JOIN product p USING (product_code)
    JOIN today t ON t.generic_code = p.generic_code AND t.route = p.route AND starts_with(r.jurisdiction_code, t.binds)
    GROUP BY ALL
),
paid AS (
    SELECT r.jurisdiction_code, r.product_code, sum(l.value_fen)::HUGEINT * 100 AS value,
        (sum(l.packs) * 10000)::HUGEINT AS packs
    FROM standard r
    JOIN line l ON l.product_code = r.product_code AND starts_with(l.jurisdiction_code, r.jurisdiction_code)
        AND l.accepted_on >= year_begins()
    GROUP BY ALL
)
SELECT r.jurisdiction_code, r.product_code, r.standard::DOUBLE AS standard,
    coalesce(c.price, e.price, g.price)::DECIMAL(18, 4) AS exact, exact::DOUBLE AS price,
    CASE WHEN c.price IS NOT NULL THEN 'selected' WHEN e.price IS NOT NULL THEN 'estimated' ELSE 'same_generic' END AS basis,
    (r.standard - exact)::DOUBLE AS gap,
    ((r.standard - exact) * 10000)::DOUBLE / nullif(exact * 10000, 0)::DOUBLE AS gap_rate,
    value::DOUBLE / packs::DOUBLE AS paid_average,
    ((r.standard * 10000)::HUGEINT * packs - value * 10000)::DOUBLE / (packs * 10000)::DOUBLE AS paid_gap
FROM standard r
LEFT JOIN chosen c USING (jurisdiction_code, product_code)
LEFT JOIN estimated e USING (jurisdiction_code, product_code)
LEFT JOIN same_generic g USING (jurisdiction_code, product_code)
LEFT JOIN paid USING (jurisdiction_code, product_code)
WHERE exact IS NOT NULL
ORDER BY jurisdiction_code, product_code
