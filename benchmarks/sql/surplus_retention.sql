-- Surplus retention (obligations §28, rulebook §9).
-- Amounts are integers of 10^-16 yuan (10^14 to the fen): the product of four numbers of four decimals.
WITH base AS MATERIALIZED (
    SELECT b.*, i.jurisdiction_code
    FROM surplus_bases b
    JOIN institutions i USING (institution_code)
    SEMI JOIN lots l USING (lot_code)
    WHERE b.period_end < getvariable('as_of')
),
-- The lowest price of a minimum unit on the first day: price over units per pack times factor.
lowest AS (
    SELECT b.lot_code, b.item_code, b.period_start,
        arg_min(
            {'price': (s.selected_price * 10000)::HUGEINT,
             'per': (p.units_per_pack * 10000)::HUGEINT * (s.conversion_factor * 10000)::HUGEINT},
            s.selected_price::DOUBLE / (p.units_per_pack::DOUBLE * s.conversion_factor::DOUBLE)
        ) AS unit
    FROM (SELECT DISTINCT lot_code, item_code, period_start FROM base) b
    JOIN selections s ON s.lot_code = b.lot_code AND s.item_code = b.item_code
        AND b.period_start BETWEEN s.valid_from AND coalesce(s.valid_to, DATE '9999-12-31')
    JOIN products p USING (product_code)
    GROUP BY ALL
),
valued AS (
    SELECT n.institution_code, n.lot_code, n.item_code, n.period_start, c.status IN ('completed', 'excused') AS is_met,
        -- 10^-12 units times 10^-4 yuan over 10^-8 units: half up to the fen
        (2 * n.agreed * l.unit.price + l.unit.per * 1000000) // (2 * l.unit.per * 1000000) AS agreed_fen
    FROM agreed n
    JOIN (SELECT commitment_id, status FROM agreed_volume_completion) c USING (commitment_id)
    LEFT JOIN lowest l USING (lot_code, item_code, period_start)
    WHERE n.agreed > 0 AND (n.product_code IS NULL OR n.product_code IN (SELECT product_code FROM products))
),
agreed_of AS (
    SELECT institution_code, lot_code, item_code, period_start, sum(agreed_fen)::BIGINT AS agreed_fen,
        bool_or(agreed_fen IS NULL) AS lacks_price, bool_and(is_met) AS volume_met
    FROM valued GROUP BY ALL
),
-- What was bought beside the selected: drugs of the generics and routes that the item selected on its first day.
wanted AS (
    SELECT DISTINCT b.lot_code, b.item_code, b.period_start, s.generic_code, s.route
    FROM (SELECT DISTINCT lot_code, item_code, period_start FROM base) b
    JOIN selected_generic s ON s.lot_code = b.lot_code AND s.item_code = b.item_code
        AND b.period_start BETWEEN s.valid_from AND s.valid_to
),
beside AS (
    SELECT l.institution_code, l.accepted_on, c.generic_code, c.route, l.value_fen
    FROM measured_line l JOIN classed c USING (product_code, accepted_on, jurisdiction_code)
    WHERE c.class = 'N'
),
bought AS (
    SELECT b.institution_code, b.lot_code, b.item_code, b.period_start, sum(x.value_fen)::BIGINT AS non_selected_fen
    FROM base b
    JOIN wanted w USING (lot_code, item_code, period_start)
    JOIN beside x ON x.institution_code = b.institution_code AND x.generic_code = w.generic_code AND x.route = w.route
        AND x.accepted_on BETWEEN b.period_start AND b.period_end
    GROUP BY ALL
),
judged AS (
    SELECT b.institution_code, b.lot_code, b.item_code, b.period_start, b.period_end, b.jurisdiction_code,
        (b.base_quantity * 10000)::HUGEINT * (b.price_before * 10000)::HUGEINT
            * (b.fund_pay_ratio_before * 10000)::HUGEINT * (b.insured_share * 10000)::HUGEINT AS budget,
        coalesce(a.agreed_fen, 0) AS agreed_fen, coalesce(n.non_selected_fen, 0) AS non_selected_fen,
        CASE WHEN NOT a.lacks_price THEN (coalesce(a.agreed_fen, 0) + coalesce(n.non_selected_fen, 0))::HUGEINT
            * (b.fund_pay_ratio * 10000)::HUGEINT * (b.insured_share * 10000)::HUGEINT * 1000000 END AS spend,
        a.lacks_price, a.volume_met, e.result, e.score, policy_of('surplus_ratio', b.jurisdiction_code, b.period_end) AS policy
    FROM base b
    LEFT JOIN agreed_of a USING (institution_code, lot_code, item_code, period_start)
    LEFT JOIN bought n USING (institution_code, lot_code, item_code, period_start)
    LEFT JOIN evaluations e ON e.institution_code = b.institution_code AND e.kind = 'surplus'
        AND e.year = strftime(b.period_end, '%Y') AND e.decided_on <= getvariable('as_of')
),
shared AS (
    SELECT *, list_sort([
        {'least': split_part(step, '=', 1)::DECIMAL(8, 4), 'gives': (split_part(step, '=', 2)::DECIMAL(8, 2) * 100)::HUGEINT}
        for step in policy.value
    ]) AS steps,
    CASE
        WHEN policy IS NULL OR result IS NULL THEN NULL
        WHEN result = 'fail' THEN 0
        WHEN score IS NULL THEN coalesce(steps[1].gives, 0)
        ELSE coalesce(list_filter(steps, lambda step: step.least <= score)[-1].gives, 0)
    END AS percent
    FROM judged
)
SELECT institution_code, lot_code, item_code, period_start, period_end, jurisdiction_code,
    CASE
        WHEN lacks_price IS NULL THEN 'no_commitment'
        WHEN lacks_price THEN 'no_price'
        WHEN policy IS NULL THEN 'no_ratio'
        WHEN result IS NULL THEN 'unassessed'
        ELSE 'assessed'
    END AS status,
    agreed_fen, non_selected_fen,
    ((2 * budget + 100000000000000) // 200000000000000)::BIGINT AS budget_fen,
    ((2 * spend + 100000000000000) // 200000000000000)::BIGINT AS spend_fen,
    (sign(budget - spend) * ((2 * abs(budget - spend) + 100000000000000) // 200000000000000))::BIGINT AS surplus_fen,
    result, score::DOUBLE AS score, percent::DOUBLE / 10000 AS ratio,
    ((2 * greatest(0, budget - spend) * percent + 1000000000000000000) // 2000000000000000000)::BIGINT AS retained_fen,
    volume_met
FROM shared
ORDER BY institution_code, lot_code, item_code, period_start
