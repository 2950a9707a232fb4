-- Who is paid, through which channel (obligations §22), written by hand over the records of a run.
-- In: words.sql.
WITH taken_back AS (
    SELECT institution_code, reverses_payment_id AS payment_id, -sum(amount_fen) AS taken
    FROM payments
    WHERE amount_fen < 0 AND paid_on <= getvariable('as_of')
    GROUP BY ALL
),
netted AS ( -- reversals take from the lines of their payment one after the other
    SELECT p.institution_code, p.payee_code, p.paid_on, p.channel,
        least(p.amount_fen, sum(p.amount_fen) OVER (
            PARTITION BY p.institution_code, p.payment_id ORDER BY p.line_no ROWS UNBOUNDED PRECEDING
        ) - coalesce(t.taken, 0)) AS net
    FROM payments p LEFT JOIN taken_back t USING (institution_code, payment_id)
    WHERE p.amount_fen > 0 AND p.paid_on <= getvariable('as_of')
),
maker AS (
    SELECT DISTINCT institution_code, product_code, unnest([manufacturer_code, mah_code]) AS company
    FROM (SELECT DISTINCT institution_code, product_code FROM line) JOIN products USING (product_code)
),
told AS (
    SELECT n.*, EXISTS (FROM maker m WHERE m.institution_code = n.institution_code AND m.company = n.payee_code)
        OR EXISTS (
            FROM deemed_manufacturers d JOIN maker m ON m.company = d.manufacturer_code
            WHERE m.institution_code = n.institution_code AND d.enterprise_code = n.payee_code
                AND coalesce(d.product_code, '') IN ('', m.product_code)
                AND n.paid_on BETWEEN d.valid_from AND coalesce(d.valid_to, DATE '9999-12-31')
        ) AS is_maker
    FROM netted n
    WHERE n.net > 0
),
summed AS (
    SELECT t.institution_code, strftime(t.paid_on, '%Y-%m') AS month, i.jurisdiction_code,
        coalesce(sum(net) FILTER (channel = 'hospital' AND is_maker), 0)::BIGINT AS hospital_to_manufacturer_fen,
        coalesce(sum(net) FILTER (channel = 'hospital' AND NOT is_maker), 0)::BIGINT AS hospital_to_distributor_fen,
        coalesce(sum(net) FILTER (channel = 'fund_direct' AND is_maker), 0)::BIGINT AS fund_to_manufacturer_fen,
        coalesce(sum(net) FILTER (channel = 'fund_direct' AND NOT is_maker), 0)::BIGINT AS fund_to_distributor_fen,
        sum(net)::BIGINT AS paid_fen
    FROM told t JOIN institutions i USING (institution_code)
    GROUP BY ALL
)
SELECT *, (paid_fen - hospital_to_distributor_fen)::DOUBLE / paid_fen::DOUBLE AS direct_share
FROM summed
ORDER BY institution_code, month
