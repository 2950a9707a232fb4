-- Payables and what was paid of each (rulebook §5): a row for every payment that reached one, one without payment where
-- none did. `due` numbers payables in the order in which they are paid, `amount` is what is owed, `fen` what this payment gave.
CREATE VIEW settled AS
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
numbered AS MATERIALIZED (
    SELECT *, row_number() OVER (ORDER BY paid_on, payment_id, line_no, institution_code) AS pay
    FROM lessened WHERE amount > 0
),
house AS (
    SELECT institution_code AS payer, institution_code FROM institutions
    UNION
    SELECT parent_institution_code, institution_code FROM institutions WHERE parent_institution_code IS NOT NULL
),
meant AS ( -- a paper invoice whose code was left out: the one of its number that is owed to the payee
    SELECT n.pay, any_value(p.invoice_code) FILTER (p.distributor_code = n.payee_code) AS code
    FROM numbered n
    JOIN house h ON h.payer = n.institution_code
    JOIN payable p ON p.institution_code = h.institution_code AND p.invoice_no = n.invoice_no
    WHERE n.invoice_code = '' AND length(n.invoice_no) < 20
    GROUP BY n.pay
    HAVING NOT bool_or(p.invoice_code = '')
        AND count(DISTINCT p.invoice_code) FILTER (p.distributor_code = n.payee_code) = 1
),
paid AS MATERIALIZED (
    SELECT n.* REPLACE (coalesce(m.code, n.invoice_code) AS invoice_code) FROM numbered n LEFT JOIN meant m USING (pay)
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
)
SELECT p.due, p.institution_code, p.delivery_id, p.distributor_code, p.product_code, p.accepted_on, p.invoice_code,
    p.invoice_no, p.jurisdiction_code, p.amount, d.paid_on, a.amount::BIGINT AS fen
FROM payable p
LEFT JOIN allocation a USING (due)
LEFT JOIN paid d USING (pay);
