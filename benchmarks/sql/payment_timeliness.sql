-- Payment timeliness (rulebook §5), written by hand over the records of a run.
-- In: views named as the datasets; table calendar (day, next_working_day); variable as_of.
-- Terms: the national default policy rows (30 and 60 days, end of the next month, rolled to a working day;
-- EONM for a product in a selection valid on acceptance, D30 otherwise).
WITH RECURSIVE
returned AS (
    SELECT institution_code, delivery_id, sum((returned_quantity * 10000)::HUGEINT) AS packs_back
    FROM returns
    WHERE status = 'confirmed' AND returned_on <= getvariable('as_of')
    GROUP BY ALL
),
owed AS (
    SELECT d.institution_code, d.delivery_id, d.distributor_code, d.product_code, d.accepted_on,
        coalesce(d.invoice_code, '') AS invoice_code, d.invoice_no, i.jurisdiction_code, i.parent_institution_code,
        ((2 * ((d.received_quantity * 10000)::HUGEINT - coalesce(r.packs_back, 0))
            * (d.unit_price * 10000)::HUGEINT + 1000000) // 2000000)::BIGINT AS amount
    FROM deliveries d
    JOIN institutions i USING (institution_code)
    LEFT JOIN returned r USING (institution_code, delivery_id)
    WHERE d.accepted_on <= getvariable('as_of') AND NOT d.is_gift
),
payable AS MATERIALIZED (
    SELECT *, row_number() OVER (ORDER BY accepted_on, delivery_id, institution_code) AS due
    FROM owed WHERE amount > 0
),
taken_back AS (
    SELECT institution_code, reverses_payment_id AS payment_id, -sum(amount_fen)::BIGINT AS taken_back
    FROM payments
    WHERE amount_fen < 0 AND paid_on <= getvariable('as_of')
    GROUP BY ALL
),
lessened AS (
    SELECT p.institution_code, p.payment_id, p.line_no, p.payee_code, p.paid_on,
        coalesce(p.invoice_code, '') AS invoice_code, p.invoice_no,
        CASE WHEN t.taken_back IS NULL THEN p.amount_fen
            ELSE p.amount_fen - least(p.amount_fen, greatest(0, t.taken_back - (
                sum(p.amount_fen) OVER (
                    PARTITION BY p.institution_code, p.payment_id ORDER BY p.line_no ROWS UNBOUNDED PRECEDING
                ) - p.amount_fen)))
        END::BIGINT AS amount
    FROM payments p
    LEFT JOIN taken_back t USING (institution_code, payment_id)
    WHERE p.amount_fen > 0 AND p.paid_on <= getvariable('as_of')
),
paid AS MATERIALIZED (
    SELECT *, row_number() OVER (ORDER BY paid_on, payment_id, line_no, institution_code) AS pay
    FROM lessened WHERE amount > 0
),
-- First pass: which institutions' payables a paying institution may settle under one invoice.
payer AS (SELECT DISTINCT invoice_code, invoice_no, institution_code AS payer FROM paid WHERE invoice_no IS NOT NULL),
holder AS (
    SELECT DISTINCT invoice_code, invoice_no, institution_code AS holder, parent_institution_code AS parent
    FROM payable WHERE invoice_no IS NOT NULL
),
link AS MATERIALIZED (
    SELECT p.invoice_code, p.invoice_no, p.payer, h.holder
    FROM payer p JOIN holder h USING (invoice_code, invoice_no) WHERE p.payer = h.holder
    UNION
    SELECT p.invoice_code, p.invoice_no, p.payer, h.holder
    FROM payer p JOIN holder h USING (invoice_code, invoice_no) WHERE p.payer = h.parent
),
shared AS MATERIALIZED ( -- several payers meet here, and not all may settle the same payables: walked one by one
    SELECT invoice_code, invoice_no FROM link
    GROUP BY ALL HAVING count(DISTINCT payer) > 1 AND count(*) < count(DISTINCT payer) * count(DISTINCT holder)
),
plain AS MATERIALIZED (SELECT * FROM link ANTI JOIN shared USING (invoice_code, invoice_no)),
-- Laid end to end, payments and payables of a group cut one line of money.
cut1 AS (
    SELECT invoice_code, invoice_no, due, NULL::BIGINT AS pay,
        sum(amount) OVER (PARTITION BY invoice_code, invoice_no ORDER BY due ROWS UNBOUNDED PRECEDING)::BIGINT AS upto
    FROM payable SEMI JOIN plain l
        ON l.invoice_code = payable.invoice_code AND l.invoice_no = payable.invoice_no AND l.holder = institution_code
    UNION ALL
    SELECT invoice_code, invoice_no, NULL, pay,
        sum(amount) OVER (PARTITION BY invoice_code, invoice_no ORDER BY pay ROWS UNBOUNDED PRECEDING)::BIGINT
    FROM paid SEMI JOIN plain l
        ON l.invoice_code = paid.invoice_code AND l.invoice_no = paid.invoice_no AND l.payer = institution_code
),
piece1 AS (
    SELECT
        min(min(pay)) OVER ending AS pay, min(min(due)) OVER ending AS due,
        upto - coalesce(lag(upto) OVER (PARTITION BY invoice_code, invoice_no ORDER BY upto), 0) AS amount
    FROM cut1 GROUP BY invoice_code, invoice_no, upto
    WINDOW ending AS (PARTITION BY invoice_code, invoice_no ORDER BY upto DESC ROWS UNBOUNDED PRECEDING)
),
turn AS MATERIALIZED (
    SELECT pay, amount, invoice_code, invoice_no, institution_code AS payer,
        row_number() OVER (PARTITION BY invoice_code, invoice_no ORDER BY pay) AS turn
    FROM paid SEMI JOIN shared USING (invoice_code, invoice_no)
),
walk AS (
    SELECT invoice_code, invoice_no, institution_code AS holder, due, amount AS left_open, 0::BIGINT AS turn,
        NULL::BIGINT AS pay, 0::BIGINT AS amount
    FROM payable SEMI JOIN shared USING (invoice_code, invoice_no)
    UNION ALL
    SELECT invoice_code, invoice_no, holder, due, (left_open - took)::BIGINT, turn, pay, took::BIGINT
    FROM (
        SELECT w.invoice_code, w.invoice_no, w.holder, w.due, w.left_open, t.turn, t.pay,
            CASE WHEN l.holder IS NULL THEN 0
                ELSE least(w.left_open, greatest(0, t.amount - (
                    sum(w.left_open) OVER (
                        PARTITION BY w.invoice_code, w.invoice_no, l.holder IS NULL ORDER BY w.due ROWS UNBOUNDED PRECEDING
                    ) - w.left_open)))
            END AS took
        FROM walk w
        JOIN turn t ON t.invoice_code = w.invoice_code AND t.invoice_no = w.invoice_no AND t.turn = w.turn + 1
        LEFT JOIN link l ON l.invoice_code = w.invoice_code AND l.invoice_no = w.invoice_no
            AND l.payer = t.payer AND l.holder = w.holder
    )
),
first_pass AS MATERIALIZED (
    SELECT pay, due, amount FROM piece1 WHERE pay IS NOT NULL AND due IS NOT NULL
    UNION ALL
    SELECT pay, due, amount FROM walk WHERE amount > 0
),
-- Second pass: what is left, by institution and supplier.
cut2 AS (
    SELECT institution_code, distributor_code AS supplier, due, NULL::BIGINT AS pay,
        sum(p.amount - coalesce(f.used, 0)) OVER (
            PARTITION BY institution_code, distributor_code ORDER BY due ROWS UNBOUNDED PRECEDING
        )::BIGINT AS upto
    FROM payable p LEFT JOIN (SELECT due, sum(amount) AS used FROM first_pass GROUP BY due) f USING (due)
    WHERE p.amount > coalesce(f.used, 0)
    UNION ALL
    SELECT institution_code, payee_code, NULL, pay,
        sum(p.amount - coalesce(f.used, 0)) OVER (
            PARTITION BY institution_code, payee_code ORDER BY pay ROWS UNBOUNDED PRECEDING
        )::BIGINT
    FROM paid p LEFT JOIN (SELECT pay, sum(amount) AS used FROM first_pass GROUP BY pay) f USING (pay)
    WHERE p.amount > coalesce(f.used, 0)
),
piece2 AS (
    SELECT
        min(min(pay)) OVER ending AS pay, min(min(due)) OVER ending AS due,
        upto - coalesce(lag(upto) OVER (PARTITION BY institution_code, supplier ORDER BY upto), 0) AS amount
    FROM cut2 GROUP BY institution_code, supplier, upto
    WINDOW ending AS (PARTITION BY institution_code, supplier ORDER BY upto DESC ROWS UNBOUNDED PRECEDING)
),
allocation AS (
    SELECT * FROM first_pass
    UNION ALL
    SELECT * FROM piece2 WHERE pay IS NOT NULL AND due IS NOT NULL
),
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
settled AS (
    SELECT due,
        (sum(a.amount))::BIGINT AS paid_fen,
        (sum(a.amount * greatest(0, d.paid_on - p.accepted_on)))::BIGINT AS paid_fen_days,
        (sum(a.amount) FILTER (d.paid_on - p.accepted_on <= 30))::BIGINT AS within_30,
        (sum(a.amount) FILTER (d.paid_on - p.accepted_on BETWEEN 31 AND 60))::BIGINT AS within_60,
        (sum(a.amount) FILTER (d.paid_on - p.accepted_on > 60))::BIGINT AS over_60,
        (sum(a.amount) FILTER (d.paid_on <= t30.due_on))::BIGINT AS on_time_D30,
        (sum(a.amount) FILTER (d.paid_on <= tem.due_on))::BIGINT AS on_time_EONM,
        (sum(a.amount) FILTER (d.paid_on <= t60.due_on))::BIGINT AS on_time_D60
    FROM allocation a
    JOIN paid d USING (pay)
    JOIN payable p USING (due)
    JOIN term t30 ON t30.accepted_on = p.accepted_on AND t30.rule = 'D30'
    JOIN term tem ON tem.accepted_on = p.accepted_on AND tem.rule = 'EONM'
    JOIN term t60 ON t60.accepted_on = p.accepted_on AND t60.rule = 'D60'
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
    LEFT JOIN settled x USING (due)
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
