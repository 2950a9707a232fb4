-- Payment timeliness (rulebook §5).
-- Terms: the national default policy rows (30 and 60 days, end of the next month, rolled to a working day;
-- EONM for a product in a selection valid on acceptance, D30 otherwise).
WITH piece AS MATERIALIZED (FROM settled),
payable AS MATERIALIZED (SELECT DISTINCT ON (due) * EXCLUDE (paid_on, fen) FROM piece),
excused AS (
    SELECT p.due FROM payable p JOIN excuses e USING (institution_code, delivery_id)
    WHERE e.kind = 'payment' AND e.valid_from <= getvariable('as_of')
        AND (e.valid_to IS NULL OR p.accepted_on <= e.valid_to)
    UNION
    SELECT p.due FROM payable p JOIN excuses e USING (institution_code, invoice_code, invoice_no)
    WHERE e.kind = 'payment' AND e.valid_from <= getvariable('as_of')
        AND (e.valid_to IS NULL OR p.accepted_on <= e.valid_to)
),
selected AS (
    SELECT DISTINCT d.product_code, d.accepted_on
    FROM (SELECT DISTINCT product_code, accepted_on FROM payable) d
    JOIN selections s ON s.product_code = d.product_code
        AND d.accepted_on BETWEEN s.valid_from AND coalesce(s.valid_to, DATE '9999-12-31')
),
term AS ( -- the due dates of every day of acceptance
    SELECT accepted_on, rule, strftime(raw, '%Y-%m') AS due_month, next_working_day AS due_on
    FROM (
        SELECT accepted_on, unnest(['D30', 'EONM', 'D60']) AS rule,
            unnest([
                accepted_on + 30, last_day((date_trunc('month', accepted_on) + INTERVAL 1 MONTH)::DATE), accepted_on + 60
            ]) AS raw
        FROM (SELECT DISTINCT accepted_on FROM payable)
    ) JOIN calendar ON day = raw
),
paid_off AS (
    SELECT due,
        (sum(p.fen))::BIGINT AS paid_fen,
        (sum(p.fen * greatest(0, p.paid_on - p.accepted_on)))::BIGINT AS paid_fen_days,
        (sum(p.fen) FILTER (p.paid_on - p.accepted_on <= 30))::BIGINT AS within_30,
        (sum(p.fen) FILTER (p.paid_on - p.accepted_on BETWEEN 31 AND 60))::BIGINT AS within_60,
        (sum(p.fen) FILTER (p.paid_on - p.accepted_on > 60))::BIGINT AS over_60,
        (sum(p.fen) FILTER (p.paid_on <= t30.due_on))::BIGINT AS on_time_D30,
        (sum(p.fen) FILTER (p.paid_on <= tem.due_on))::BIGINT AS on_time_EONM,
        (sum(p.fen) FILTER (p.paid_on <= t60.due_on))::BIGINT AS on_time_D60
    FROM piece p
    JOIN term t30 ON t30.accepted_on = p.accepted_on AND t30.rule = 'D30'
    JOIN term tem ON tem.accepted_on = p.accepted_on AND tem.rule = 'EONM'
    JOIN term t60 ON t60.accepted_on = p.accepted_on AND t60.rule = 'D60'
    WHERE p.fen IS NOT NULL
    GROUP BY due
),
by_rule AS (
    SELECT t.rule, t.due_month, t.due_on, p.institution_code, p.distributor_code, p.jurisdiction_code, p.amount,
        t.rule = CASE WHEN s.product_code IS NULL THEN 'D30' ELSE 'EONM' END AS is_applicable,
        t.due_on <= getvariable('as_of') AS matured,
        e.due IS NOT NULL AS is_excused,
        coalesce(x.paid_fen, 0) AS paid, coalesce(x.paid_fen_days, 0) AS fen_days, coalesce(x.within_30, 0) AS within_30,
        coalesce(x.within_60, 0) AS within_60, coalesce(x.over_60, 0) AS over_60,
        coalesce(CASE t.rule WHEN 'D30' THEN on_time_D30 WHEN 'D60' THEN on_time_D60 ELSE on_time_EONM END, 0) AS on_time,
        getvariable('as_of') - t.due_on AS age
    FROM payable p
    JOIN term t USING (accepted_on)
    LEFT JOIN paid_off x USING (due)
    LEFT JOIN excused e USING (due)
    LEFT JOIN selected s ON s.product_code = p.product_code AND s.accepted_on = p.accepted_on
),
named AS (
    SELECT rule AS due_rule, * FROM by_rule
    UNION ALL
    SELECT 'applicable', * FROM by_rule WHERE is_applicable
),
summed AS (
    SELECT due_rule, institution_code, distributor_code, due_month, jurisdiction_code,
        coalesce(sum(amount) FILTER (matured), 0)::BIGINT AS matured_fen,
        coalesce(sum(on_time) FILTER (matured), 0)::BIGINT AS on_time_fen,
        coalesce(sum(paid - on_time) FILTER (matured), 0)::BIGINT AS late_paid_fen,
        coalesce(sum(amount - paid) FILTER (matured), 0)::BIGINT AS overdue_fen,
        coalesce(sum(amount) FILTER (NOT matured), 0)::BIGINT AS not_due_fen,
        count(*) FILTER (matured) AS matured_count,
        count(*) FILTER (matured AND on_time = amount) AS on_time_count,
        coalesce(sum(amount - on_time) FILTER (matured AND is_excused), 0)::BIGINT AS excused_fen,
        sum(paid)::BIGINT AS paid_fen, sum(fen_days)::BIGINT AS paid_fen_days, sum(within_30)::BIGINT AS paid_within_30_fen,
        sum(within_60)::BIGINT AS paid_31_60_fen, sum(over_60)::BIGINT AS paid_over_60_fen,
        coalesce(sum(amount - paid) FILTER (matured AND age <= 30), 0)::BIGINT AS overdue_0_30_fen,
        coalesce(sum(amount - paid) FILTER (matured AND age BETWEEN 31 AND 60), 0)::BIGINT AS overdue_31_60_fen,
        coalesce(sum(amount - paid) FILTER (matured AND age BETWEEN 61 AND 90), 0)::BIGINT AS overdue_61_90_fen,
        coalesce(sum(amount - paid) FILTER (matured AND age BETWEEN 91 AND 180), 0)::BIGINT AS overdue_91_180_fen,
        coalesce(sum(amount - paid) FILTER (matured AND age > 180), 0)::BIGINT AS overdue_over_180_fen
    FROM named GROUP BY ALL
)
SELECT *,
    on_time_fen::DOUBLE / nullif(matured_fen, 0)::DOUBLE AS on_time_rate_amount,
    on_time_count::DOUBLE / nullif(matured_count, 0)::DOUBLE AS on_time_rate_count,
    on_time_fen::DOUBLE / nullif(matured_fen - excused_fen, 0)::DOUBLE AS on_time_rate_amount_excused,
    paid_fen_days::DOUBLE / nullif(paid_fen, 0)::DOUBLE AS weighted_days
FROM summed
ORDER BY due_rule, institution_code, distributor_code, due_month
