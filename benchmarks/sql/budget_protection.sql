-- Budget protection (obligations §27). Terms of payables as in payment_timeliness.sql.
WITH payable AS MATERIALIZED (
    SELECT due, institution_code, delivery_id, product_code, accepted_on, invoice_code, invoice_no, amount,
        coalesce(sum(fen), 0)::BIGINT AS paid
    FROM settled GROUP BY ALL
),
excused AS (
    SELECT p.due
    FROM payable p
    JOIN excuses e ON e.institution_code = p.institution_code AND (
        e.delivery_id = p.delivery_id OR (e.invoice_no = p.invoice_no AND coalesce(e.invoice_code, '') = p.invoice_code)
    )
    WHERE e.kind = 'payment' AND e.valid_from <= getvariable('as_of') AND (e.valid_to IS NULL OR p.accepted_on <= e.valid_to)
),
term AS ( -- by the end of the next month for what was selected on the day, else within 30 days
    SELECT p.*, CASE
            WHEN EXISTS (
                FROM selections s
                WHERE s.product_code = p.product_code
                    AND p.accepted_on BETWEEN s.valid_from AND coalesce(s.valid_to, DATE '9999-12-31')
            ) THEN last_day((date_trunc('month', p.accepted_on) + INTERVAL 1 MONTH)::DATE)
            ELSE p.accepted_on + 30
        END AS day
    FROM payable p ANTI JOIN excused USING (due)
),
overdue AS (
    SELECT institution_code, sum(amount - paid)::BIGINT AS overdue_fen
    FROM term JOIN calendar USING (day)
    WHERE next_working_day <= getvariable('as_of')
    GROUP BY institution_code
),
volume AS ( -- commitments of national lots that began, from the last day of the year before on
    SELECT c.institution_code, c.jurisdiction_code, count(*) FILTER (c.period_end < getvariable('as_of')) AS commitments_ended,
        count(*) FILTER (
            c.period_end < getvariable('as_of') AND c.status NOT IN ('completed', 'excused')
        ) AS commitments_short
    FROM agreed_volume_completion c
    JOIN lots l ON l.lot_code = c.lot_code AND l.program = 'national'
    WHERE c.status NOT IN ('cancelled', 'not_started') AND year(c.period_end + 1) >= year(getvariable('as_of'))
        AND (c.product_code IS NULL OR c.product_code IN (SELECT product_code FROM products))
    GROUP BY ALL
),
evaluated AS (
    SELECT institution_code, arg_max(result, year) = 'pass' AS rational_use
    FROM evaluations
    WHERE kind = 'rational_use' AND decided_on <= getvariable('as_of')
        AND year::INT BETWEEN year(getvariable('as_of')) - 1 AND year(getvariable('as_of'))
    GROUP BY institution_code
),
three AS (
    SELECT v.*, coalesce(o.overdue_fen, 0) AS overdue_fen, CASE WHEN commitments_ended > 0 THEN commitments_short = 0 END AS volume,
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
