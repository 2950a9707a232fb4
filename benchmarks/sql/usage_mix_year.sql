-- Usage mix of the year to date and of the same days of the year before (obligations §16).
WITH windows AS (
    SELECT date_trunc('year', getvariable('as_of'))::DATE AS this_from, getvariable('as_of') AS this_to,
        (date_trunc('year', getvariable('as_of')) - INTERVAL 1 YEAR)::DATE AS before_from,
        (getvariable('as_of') - INTERVAL 1 YEAR)::DATE AS before_to
),
sorted AS (
    SELECT l.institution_code, c.generic_code, c.route, l.jurisdiction_code, c.class, l.units, l.value_fen, p.evaluation,
        l.accepted_on BETWEEN w.this_from AND w.this_to AS now,
        l.accepted_on BETWEEN w.before_from AND w.before_to AS before
    FROM measured_line l
    JOIN classed c USING (product_code, accepted_on, jurisdiction_code)
    JOIN products p USING (product_code)
    CROSS JOIN windows w
    WHERE l.kind = 'drug'
),
drawn AS (
    SELECT institution_code, generic_code, route, jurisdiction_code,
        coalesce(sum(units) FILTER (now AND class = 'W'), 0)::HUGEINT AS w,
        coalesce(sum(units) FILTER (now AND class = 'N'), 0)::HUGEINT AS n,
        coalesce(sum(units) FILTER (now AND class = 'S'), 0)::HUGEINT AS s,
        coalesce(sum(value_fen) FILTER (now AND class = 'W'), 0)::BIGINT AS selected_fen,
        coalesce(sum(value_fen) FILTER (now AND class = 'N'), 0)::BIGINT AS non_selected_fen,
        coalesce(sum(value_fen) FILTER (now AND class = 'S'), 0)::BIGINT AS substitute_fen,
        coalesce(sum(units) FILTER (before AND class = 'W'), 0)::HUGEINT AS w_before,
        coalesce(sum(units) FILTER (before AND class = 'N'), 0)::HUGEINT AS n_before,
        coalesce(sum(units) FILTER (before AND class = 'S'), 0)::HUGEINT AS s_before,
        coalesce(sum(value_fen) FILTER (before AND class = 'W'), 0)::BIGINT AS w_fen_before,
        coalesce(sum(value_fen) FILTER (before AND class = 'N'), 0)::BIGINT AS n_fen_before,
        coalesce(sum(units) FILTER (now AND class IN ('W', 'N') AND evaluation = 'passed'), 0)::HUGEINT AS passed,
        coalesce(sum(units) FILTER (now AND class IN ('W', 'N') AND evaluation = 'originator'), 0)::HUGEINT AS originator
    FROM sorted
    WHERE now OR before
    GROUP BY ALL
),
pledged AS MATERIALIZED ( -- what was agreed to: generics, places and whose commitment it is
    SELECT DISTINCT a.institution_code, s.generic_code, s.route, s.binds
    FROM agreed a
    JOIN selected_generic s ON s.lot_code = a.lot_code AND s.item_code = a.item_code
        AND s.valid_from <= a.period_end AND s.valid_to >= a.period_start
    CROSS JOIN windows w
    WHERE a.agreed > 0 AND a.period_start <= w.this_to AND a.period_end >= w.this_from
),
committed AS (
    SELECT DISTINCT d.institution_code, d.generic_code, d.route
    FROM drawn d
    JOIN family f USING (institution_code)
    JOIN pledged p ON p.institution_code IN (d.institution_code, f.head)
        AND p.generic_code = d.generic_code AND p.route = d.route AND starts_with(d.jurisdiction_code, p.binds)
)
SELECT d.institution_code, d.generic_code, d.route, d.jurisdiction_code,
    w::DOUBLE / 1e8 AS selected_units, n::DOUBLE / 1e8 AS non_selected_units, s::DOUBLE / 1e8 AS substitute_units,
    selected_fen, non_selected_fen, substitute_fen,
    n::DOUBLE / nullif(w + n, 0)::DOUBLE AS non_selected_share_units,
    non_selected_fen::DOUBLE / nullif(selected_fen + non_selected_fen, 0)::DOUBLE AS non_selected_share_amount,
    w_before::DOUBLE / 1e8 AS selected_units_before, n_before::DOUBLE / 1e8 AS non_selected_units_before,
    s_before::DOUBLE / 1e8 AS substitute_units_before,
    n_before::DOUBLE / nullif(w_before + n_before, 0)::DOUBLE AS non_selected_share_units_before,
    n_fen_before::DOUBLE / nullif(w_fen_before + n_fen_before, 0)::DOUBLE AS non_selected_share_amount_before,
    passed::DOUBLE / 1e8 AS passed_units, originator::DOUBLE / 1e8 AS originator_units,
    c.institution_code IS NOT NULL AS has_commitment,
    policy_of('non_selected_share_limit', d.jurisdiction_code, getvariable('as_of')).policy_id AS policy_id
FROM drawn d
LEFT JOIN committed c USING (institution_code, generic_code, route)
ORDER BY d.institution_code, d.generic_code, d.route
