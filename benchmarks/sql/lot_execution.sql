-- Execution by lot (obligations §32). Quantities are integers of 10^-12 minimum units.
WITH running AS MATERIALIZED (
    SELECT a.commitment_id, a.institution_code, a.jurisdiction_code, a.lot_code, a.item_code, a.product_code, a.period_start,
        a.period_end, least(a.period_end, getvariable('as_of')) AS last_day, a.agreed, coalesce(n.net_units, 0)::HUGEINT AS net,
        (a.period_end - a.period_start + 1)::HUGEINT AS days_whole,
        (last_day - a.period_start + 1)::HUGEINT AS days_passed
    FROM agreed a
    LEFT JOIN netted n USING (commitment_id)
    WHERE a.target = 'quantity' AND a.direction = 'floor' AND a.agreed > 0 AND a.period_start <= getvariable('as_of')
),
sought AS MATERIALIZED ( -- generics and routes of a commitment
    SELECT r.commitment_id, m.generic_code, m.route FROM running r JOIN medicine m USING (product_code)
    UNION
    SELECT r.commitment_id, s.generic_code, s.route
    FROM running r
    JOIN selected_generic s ON s.lot_code = r.lot_code AND s.item_code = r.item_code
        AND s.valid_from <= r.last_day AND s.valid_to >= r.period_start
    WHERE r.product_code IS NULL
),
bought AS MATERIALIZED ( -- lines of classes W and N in the days of a commitment
    SELECT r.commitment_id, c.class, l.product_code, sum(l.units)::HUGEINT AS units, sum(l.value_fen)::BIGINT AS fen
    FROM running r
    JOIN sought g USING (commitment_id)
    JOIN measured_line l ON l.institution_code = r.institution_code AND l.accepted_on BETWEEN r.period_start AND r.last_day
        AND l.kind = 'drug'
    JOIN classed c ON c.product_code = l.product_code AND c.accepted_on = l.accepted_on
        AND c.jurisdiction_code = l.jurisdiction_code AND c.generic_code = g.generic_code AND c.route = g.route
    WHERE c.class IN ('W', 'N')
    GROUP BY ALL
),
weighed AS (
    SELECT commitment_id,
        coalesce(sum(units) FILTER (class = 'N'), 0) > coalesce(sum(units) FILTER (class = 'W'), 0) AS over_quantity,
        coalesce(sum(fen) FILTER (class = 'N'), 0) > coalesce(sum(fen) FILTER (class = 'W'), 0) AS over_amount
    FROM bought
    GROUP BY commitment_id
),
judged AS (
    SELECT r.*, coalesce(w.over_quantity, false) AS over_quantity, coalesce(w.over_amount, false) AS over_amount,
        CASE WHEN net <= 0 THEN 'zero' WHEN net > agreed THEN 'over' WHEN net * days_whole < agreed * days_passed THEN 'below'
            ELSE 'normal'
        END AS standing
    FROM running r
    LEFT JOIN weighed w USING (commitment_id)
),
not_chosen AS (
    SELECT r.institution_code, r.lot_code, r.period_start, count(DISTINCT m.product_code) AS non_selected_products
    FROM running r
    JOIN sought g USING (commitment_id)
    JOIN medicine m ON m.generic_code = g.generic_code AND m.route = g.route AND m.kind = 'drug'
    WHERE NOT EXISTS (
        SELECT 1 FROM selected_generic s
        WHERE s.product_code = m.product_code AND r.last_day BETWEEN s.valid_from AND s.valid_to
            AND starts_with(r.jurisdiction_code, s.binds)
    )
    GROUP BY ALL
),
astray AS (
    SELECT r.institution_code, r.lot_code, r.period_start, count(DISTINCT b.product_code) AS non_selected_bought
    FROM running r JOIN bought b USING (commitment_id)
    WHERE b.class = 'N'
    GROUP BY ALL
),
stand_in AS (
    SELECT r.institution_code, r.lot_code, r.period_start, count(DISTINCT u.product_code) AS substitutable_products,
        count(DISTINCT u.product_code) FILTER (l.product_code IS NOT NULL) AS substitutable_bought
    FROM running r
    JOIN substitutes u USING (lot_code, item_code)
    LEFT JOIN measured_line l ON l.institution_code = r.institution_code AND l.product_code = u.product_code
        AND l.accepted_on BETWEEN r.period_start AND r.last_day
    GROUP BY ALL
),
counted AS (
    SELECT institution_code, lot_code, period_start, jurisdiction_code, max(period_end) AS period_end,
        sum(days_passed)::DOUBLE / sum(days_whole)::DOUBLE AS time_progress, count(*) AS agreed_products,
        count(*) FILTER (standing = 'zero') AS zero_products, count(*) FILTER (standing = 'over') AS over_products,
        count(*) FILTER (standing = 'below') AS below_products, count(*) FILTER (standing = 'normal') AS normal_products,
        count(*) FILTER (over_quantity) AS non_selected_over_quantity, count(*) FILTER (over_amount) AS non_selected_over_amount,
        count(*) FILTER (over_quantity AND standing IN ('zero', 'below')) AS below_and_over
    FROM judged
    GROUP BY ALL
)
SELECT c.*, zero_products::DOUBLE / agreed_products AS zero_share, over_products::DOUBLE / agreed_products AS over_share,
    below_products::DOUBLE / agreed_products AS below_share, normal_products::DOUBLE / agreed_products AS normal_share,
    coalesce(non_selected_products, 0) AS non_selected_products, coalesce(non_selected_bought, 0) AS non_selected_bought,
    coalesce(substitutable_products, 0) AS substitutable_products, coalesce(substitutable_bought, 0) AS substitutable_bought
FROM counted c
LEFT JOIN not_chosen USING (institution_code, lot_code, period_start)
LEFT JOIN astray USING (institution_code, lot_code, period_start)
LEFT JOIN stand_in USING (institution_code, lot_code, period_start)
ORDER BY institution_code, lot_code, period_start
