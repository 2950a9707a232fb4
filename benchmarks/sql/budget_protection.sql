-- Budget protection (obligations §27), written by hand over the records of a run.
-- In: views named as the datasets; table calendar (day, next_working_day); variable as_of.
-- Which commitments are completed or excused (rulebook §4), and which payables are overdue (rulebook §5, under the national
-- default policy rows), is reckoned as in agreed_volume_completion.sql and payment_timeliness.sql, which explain it.
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
excused_payable AS (
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
agreed AS (
    SELECT c.* REPLACE (greatest(c.period_start, coalesce(d.new_period_end, c.period_end)) AS period_end), i.jurisdiction_code,
        CASE c.unit
            WHEN 'pack' THEN (c.agreed_quantity * 10000)::HUGEINT * (p.units_per_pack * 10000)::HUGEINT * 10000
            ELSE (c.agreed_quantity * 10000)::HUGEINT * 100000000
        END + coalesce(d.delta, 0) * 100000000 AS agreed
    FROM commitments c
    JOIN institutions i USING (institution_code)
    LEFT JOIN products p USING (product_code)
    LEFT JOIN (
        SELECT commitment_id, sum((delta_quantity * 10000)::HUGEINT) AS delta,
            last(new_period_end ORDER BY effective_on, adjustment_id) FILTER (new_period_end IS NOT NULL) AS new_period_end
        FROM commitment_adjustments
        WHERE effective_on <= getvariable('as_of')
        GROUP BY commitment_id
    ) d USING (commitment_id)
    WHERE c.target = 'quantity' AND c.direction = 'floor'
),
claims AS (
    SELECT commitment_id, institution_code, lot_code, item_code, period_start, product_code,
        period_start AS claim_from, period_end AS claim_to, 0 AS claim_rank
    FROM agreed WHERE product_code IS NOT NULL
    UNION ALL
    SELECT c.commitment_id, c.institution_code, c.lot_code, c.item_code, c.period_start, a.replacement_product_code,
        greatest(c.period_start, a.effective_on), c.period_end, 0
    FROM agreed c JOIN commitment_adjustments a USING (commitment_id)
    WHERE c.product_code IS NOT NULL AND a.replacement_product_code IS NOT NULL
        AND a.effective_on <= getvariable('as_of')
    UNION ALL
    SELECT c.commitment_id, c.institution_code, c.lot_code, c.item_code, c.period_start, s.product_code,
        greatest(c.period_start, s.valid_from), least(c.period_end, s.valid_to), 1
    FROM agreed c JOIN selections s ON s.lot_code = c.lot_code AND s.item_code = c.item_code
    WHERE c.product_code IS NULL
),
receipts AS (
    SELECT d.institution_code, d.delivery_id, d.product_code, c.commitment_id, d.received_quantity,
        coalesce((s.conversion_factor * 10000)::HUGEINT, 10000) AS factor
    FROM deliveries d
    JOIN claims c ON c.institution_code = d.institution_code AND c.product_code = d.product_code
        AND d.accepted_on BETWEEN c.claim_from AND c.claim_to
    LEFT JOIN selections s
        ON s.lot_code = c.lot_code AND s.item_code = c.item_code AND s.product_code = d.product_code
        AND d.accepted_on BETWEEN s.valid_from AND coalesce(s.valid_to, DATE '9999-12-31')
    WHERE d.accepted_on <= getvariable('as_of') AND NOT d.is_gift AND d.channel = 'platform'
    QUALIFY row_number() OVER (
        PARTITION BY d.institution_code, d.delivery_id
        ORDER BY c.claim_rank, c.period_start, c.commitment_id, s.valid_from DESC NULLS LAST
    ) = 1
),
counted AS (
    SELECT r.commitment_id,
        sum((r.received_quantity * 10000)::HUGEINT * (p.units_per_pack * 10000)::HUGEINT * r.factor) AS received,
        sum(coalesce(b.packs_back, 0) * (p.units_per_pack * 10000)::HUGEINT * r.factor) AS returned
    FROM receipts r
    JOIN products p USING (product_code)
    LEFT JOIN returned b USING (institution_code, delivery_id)
    GROUP BY r.commitment_id
),
approved AS (
    SELECT e.commitment_id, sum((e.quantity * 10000)::HUGEINT) * 100000000 AS approved
    FROM excuses e JOIN agreed c USING (commitment_id)
    WHERE e.kind = 'volume' AND e.valid_from <= getvariable('as_of')
        AND (e.valid_to IS NULL OR c.period_end <= e.valid_to)
    GROUP BY e.commitment_id
),
netted AS (
    SELECT c.*,
        coalesce(r.received, 0)::HUGEINT AS received, coalesce(r.returned, 0)::HUGEINT AS returned,
        (coalesce(r.received, 0) - coalesce(r.returned, 0))::HUGEINT AS net,
        greatest(0, c.agreed - net)::HUGEINT AS shortfall,
        least(shortfall, coalesce(a.approved, 0))::HUGEINT AS excused
    FROM agreed c
    LEFT JOIN counted r USING (commitment_id)
    LEFT JOIN approved a USING (commitment_id)
),
counting AS ( -- commitments of national lots that began, from the last day of the year before on
    SELECT n.institution_code, n.jurisdiction_code, n.period_end < getvariable('as_of') AS has_ended,
        net >= agreed OR (excused > 0 AND (agreed = excused OR net::DOUBLE / (agreed - excused)::DOUBLE >= 1)) AS is_met
    FROM netted n
    JOIN lots l ON l.lot_code = n.lot_code AND l.program = 'national'
    WHERE agreed > 0 AND n.period_start <= getvariable('as_of')
        AND n.period_end >= make_date(year(getvariable('as_of')) - 1, 12, 31)
        AND (n.product_code IS NULL OR n.product_code IN (SELECT product_code FROM products))
),
volume AS (
    SELECT institution_code, jurisdiction_code, count(*) FILTER (has_ended) AS commitments_ended,
        count(*) FILTER (has_ended AND NOT is_met) AS commitments_short
    FROM counting GROUP BY ALL
),
overdue AS (
    SELECT p.institution_code, sum(p.amount - coalesce(a.paid, 0))::BIGINT AS overdue_fen
    FROM payable p
    LEFT JOIN (SELECT due, sum(amount) AS paid FROM allocation GROUP BY due) a USING (due)
    LEFT JOIN selected s ON s.product_code = p.product_code AND s.accepted_on = p.accepted_on
    JOIN term t ON t.accepted_on = p.accepted_on AND t.rule = CASE WHEN s.product_code IS NULL THEN 'D30' ELSE 'EONM' END
    WHERE t.due_on <= getvariable('as_of') AND p.due NOT IN (SELECT due FROM excused_payable)
    GROUP BY p.institution_code
),
evaluated AS (
    SELECT institution_code, arg_max(result, year) = 'pass' AS rational_use
    FROM evaluations
    WHERE kind = 'rational_use' AND decided_on <= getvariable('as_of')
        AND year::INT BETWEEN year(getvariable('as_of')) - 1 AND year(getvariable('as_of'))
    GROUP BY institution_code
),
three AS (
    SELECT v.*, coalesce(o.overdue_fen, 0) AS overdue_fen,
        CASE WHEN commitments_ended > 0 THEN commitments_short = 0 END AS volume,
        coalesce(o.overdue_fen, 0) = 0 AS contract, e.rational_use
    FROM volume v
    LEFT JOIN overdue o USING (institution_code)
    LEFT JOIN evaluated e USING (institution_code)
)
SELECT *,
    CASE
        WHEN NOT volume OR NOT contract OR NOT rational_use THEN 'not_protected'
        WHEN volume AND contract AND rational_use THEN 'protected'
        ELSE 'undecided'
    END AS verdict
FROM three
ORDER BY institution_code
