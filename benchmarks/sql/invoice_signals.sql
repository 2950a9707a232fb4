-- Further two-invoice signals (obligations §29). Nothing is said of mark-ups: no limit was found.
WITH RECURSIVE
net AS MATERIALIZED (
    SELECT i.line, i.invoice_code, i.invoice_no, i.seller_code, i.buyer_code, i.issued_on, i.product_code, i.batch_no, i.net,
        i.net_fen, i.institution_code, f.head AS head_code, coalesce(f.head, i.buyer_code) AS party_code,
        upper(trim(i.batch, E' \t\r\n　')) NOT IN (
            '', '无', '-', '--', '—', '——', '/', '\', 'N/A', 'NA', '无批号', 'NULL', 'NONE', '空', '暂无', '.', '*',
            '－', '－－', '／', '＼', 'Ｎ／Ａ', 'ＮＡ', '．', '＊', 'ＮＵＬＬ', 'ＮＯＮＥ'
        ) AS has_batch
    FROM net_line i
    LEFT JOIN family f USING (institution_code)
),
reused AS (
    SELECT invoice_code, invoice_no, arg_min(coalesce(institution_code, ''), line) AS institution_code,
        arg_min(seller_code, line) AS seller_code, sum(net_fen)::BIGINT AS amount_fen
    FROM net
    WHERE invoice_code <> '' OR regexp_full_match(invoice_no, '[0-9]{20}')
    GROUP BY ALL
    HAVING count(DISTINCT seller_code) > 1 OR count(DISTINCT party_code) > 1
),
pair AS (
    SELECT product_code, batch_no, seller_code, buyer_code, sum(net_fen)::BIGINT AS fen
    FROM net WHERE institution_code IS NULL AND has_batch
    GROUP BY ALL
),
circle AS (
    SELECT a.product_code, a.batch_no, a.seller_code, a.buyer_code, a.fen + b.fen AS amount_fen
    FROM pair a
    JOIN pair b ON b.product_code = a.product_code AND b.batch_no = a.batch_no AND b.seller_code = a.buyer_code
        AND b.buyer_code = a.seller_code
    WHERE a.seller_code < a.buyer_code
),
taken_back AS (
    SELECT institution_code, reverses_payment_id AS payment_id, -sum(amount_fen)::BIGINT AS taken_back
    FROM payments
    WHERE amount_fen < 0 AND paid_on <= getvariable('as_of')
    GROUP BY ALL
),
made AS (
    SELECT p.institution_code, p.payment_id, p.line_no, p.payee_code, p.paid_on, p.channel,
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
    FROM made WHERE amount > 0 AND invoice_no IS NOT NULL
),
stands_for AS ( -- who counts as a manufacturer of a product, and when
    SELECT product_code, manufacturer_code AS payee_code, DATE '0001-01-01' AS since, DATE '9999-12-31' AS until
    FROM products
    UNION ALL
    SELECT product_code, mah_code, DATE '0001-01-01', DATE '9999-12-31' FROM products WHERE mah_code IS NOT NULL
    UNION ALL
    SELECT p.product_code, d.enterprise_code, d.valid_from, coalesce(d.valid_to, DATE '9999-12-31')
    FROM deemed_manufacturers d
    JOIN products p ON d.manufacturer_code IN (p.manufacturer_code, p.mah_code)
        AND coalesce(d.product_code, '') IN ('', p.product_code)
),
elsewhere AS MATERIALIZED ( -- hospitals' payments for an invoice of their family to somebody who is no seller under it
    SELECT p.*
    FROM paid p
    JOIN family f USING (institution_code)
    SEMI JOIN net n ON n.invoice_code = p.invoice_code AND n.invoice_no = p.invoice_no AND n.head_code = f.head
    ANTI JOIN net s ON s.invoice_code = p.invoice_code AND s.invoice_no = p.invoice_no AND s.seller_code = p.payee_code
    WHERE p.channel = 'hospital'
),
payee AS (
    SELECT p.institution_code, p.payment_id, p.line_no, p.payee_code, p.amount
    FROM elsewhere p
    WHERE NOT EXISTS (
        FROM net n
        JOIN enterprises s ON s.enterprise_code = n.seller_code
        JOIN enterprises e ON e.group_code = s.group_code
        WHERE n.invoice_code = p.invoice_code AND n.invoice_no = p.invoice_no AND e.enterprise_code = p.payee_code
    ) AND NOT EXISTS (
        FROM net n JOIN stands_for m USING (product_code)
        WHERE n.invoice_code = p.invoice_code AND n.invoice_no = p.invoice_no AND m.payee_code = p.payee_code
            AND p.paid_on BETWEEN m.since AND m.until
    ) AND NOT EXISTS (
        FROM excuses e
        WHERE e.kind = 'payment' AND e.invoice_no = p.invoice_no AND coalesce(e.invoice_code, '') = p.invoice_code
            AND e.valid_from <= getvariable('as_of')
    )
),
open_line AS MATERIALIZED (
    SELECT invoice_code, invoice_no, min(institution_code) AS institution_code, min(seller_code) AS seller_code,
        sum(net_fen)::BIGINT AS fen
    FROM two_invoice_line
    WHERE verdict NOT IN ('exempt', 'direct', 'two_invoice', 'group_transfer', 'remote_extra')
    GROUP BY ALL
),
returned AS (
    SELECT institution_code, delivery_id, sum((returned_quantity * 10000)::HUGEINT) AS packs_back
    FROM returns
    WHERE status = 'confirmed' AND returned_on <= getvariable('as_of')
    GROUP BY ALL
),
received AS MATERIALIZED (
    SELECT d.institution_code, d.delivery_id, d.product_code, d.accepted_on, coalesce(d.invoice_code, '') AS invoice_code,
        d.invoice_no, (d.received_quantity * 10000)::HUGEINT - coalesce(r.packs_back, 0) AS packs, d.unit_price
    FROM deliveries d
    LEFT JOIN returned r USING (institution_code, delivery_id)
    WHERE d.accepted_on <= getvariable('as_of') AND NOT d.is_gift AND d.invoice_no IS NOT NULL
),
-- Money of an invoice with an open line goes to its receipts, payment after payment, each to those that it may settle.
payable AS MATERIALIZED (
    SELECT d.invoice_code, d.invoice_no, d.institution_code AS holder, i.parent_institution_code AS parent,
        ((2 * d.packs * (d.unit_price * 10000)::HUGEINT + 1000000) // 2000000)::BIGINT AS amount,
        row_number() OVER (ORDER BY d.accepted_on, d.delivery_id, d.institution_code) AS due
    FROM received d
    SEMI JOIN open_line USING (invoice_code, invoice_no)
    JOIN institutions i USING (institution_code)
    WHERE d.packs > 0
),
turn AS MATERIALIZED (
    SELECT invoice_code, invoice_no, institution_code AS payer, amount,
        row_number() OVER (PARTITION BY invoice_code, invoice_no ORDER BY pay) AS turn
    FROM paid SEMI JOIN open_line USING (invoice_code, invoice_no)
),
walk AS (
    SELECT invoice_code, invoice_no, holder, parent, due, amount AS left_open, 0::BIGINT AS turn, 0::BIGINT AS took
    FROM payable WHERE amount > 0
    UNION ALL
    SELECT invoice_code, invoice_no, holder, parent, due, (left_open - took)::BIGINT, turn, took::BIGINT
    FROM (
        SELECT w.* EXCLUDE (turn, took), t.turn,
            CASE WHEN t.payer <> w.holder AND t.payer IS DISTINCT FROM w.parent THEN 0
                ELSE least(w.left_open, greatest(0, t.amount - (
                    sum(w.left_open) OVER (
                        PARTITION BY w.invoice_code, w.invoice_no, t.payer <> w.holder AND t.payer IS DISTINCT FROM w.parent
                        ORDER BY w.due ROWS UNBOUNDED PRECEDING
                    ) - w.left_open)))
            END AS took
        FROM walk w
        JOIN turn t ON t.invoice_code = w.invoice_code AND t.invoice_no = w.invoice_no AND t.turn = w.turn + 1
    )
),
met AS (SELECT invoice_code, invoice_no, sum(took)::BIGINT AS fen FROM walk GROUP BY ALL HAVING sum(took) > 0),
by_family AS (
    SELECT f.head AS head_code, d.invoice_code, d.invoice_no, d.product_code, sum(d.packs) AS packs
    FROM received d JOIN family f USING (institution_code)
    WHERE d.packs > 0
    GROUP BY ALL
),
invoiced AS (SELECT invoice_code, invoice_no, product_code, sum(net) AS packs FROM net GROUP BY ALL),
bought AS (
    SELECT n.invoice_code, n.invoice_no, n.head_code, n.institution_code, s.seller_code
    FROM net n
    JOIN (SELECT invoice_code, invoice_no, min(seller_code) AS seller_code FROM net GROUP BY ALL) s
        USING (invoice_code, invoice_no)
    WHERE n.institution_code IS NOT NULL
    GROUP BY ALL
),
short AS (
    SELECT b.institution_code, b.invoice_code, b.invoice_no, d.product_code, b.seller_code,
        d.packs - coalesce(i.packs, 0) AS packs
    FROM by_family d
    JOIN bought b USING (head_code, invoice_code, invoice_no)
    LEFT JOIN invoiced i USING (invoice_code, invoice_no, product_code)
    WHERE d.packs > coalesce(i.packs, 0)
),
signal AS (
    SELECT 'number_reused' AS signal, concat_ws('|', invoice_code, invoice_no) AS subject_key,
        nullif(institution_code, '') AS institution_code, seller_code AS counterparty_code, amount_fen,
        NULL::DOUBLE AS quantity
    FROM reused
    UNION ALL
    SELECT 'circular', concat_ws('|', product_code, batch_no, seller_code, buyer_code), NULL, seller_code, amount_fen, NULL
    FROM circle
    UNION ALL
    SELECT 'payee_not_seller', concat_ws('|', institution_code, payment_id, line_no), institution_code, payee_code, amount, NULL
    FROM payee
    UNION ALL
    SELECT 'paid_unverified', concat_ws('|', invoice_code, invoice_no), o.institution_code, o.seller_code,
        least(m.fen, o.fen), NULL
    FROM open_line o JOIN met m USING (invoice_code, invoice_no)
    UNION ALL
    SELECT 'short_invoiced', concat_ws('|', institution_code, invoice_code, invoice_no, product_code), institution_code,
        seller_code, NULL, packs / 10000.0::DOUBLE
    FROM short
    UNION ALL
    SELECT 'deemed_not_unique', manufacturer_code, NULL, NULL, NULL, count(DISTINCT enterprise_code)
    FROM deemed_manufacturers
    WHERE basis = 'group_sales_company' AND coalesce(product_code, '') = ''
        AND getvariable('as_of') BETWEEN valid_from AND coalesce(valid_to, DATE '9999-12-31')
    GROUP BY manufacturer_code
    HAVING count(DISTINCT enterprise_code) > 1
)
SELECT s.*, NULL::DOUBLE AS rate, coalesce(i.jurisdiction_code, '') AS jurisdiction_code
FROM signal s LEFT JOIN institutions i USING (institution_code)
ORDER BY signal, subject_key
