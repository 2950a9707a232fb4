-- Prepayment (obligations §15).
WITH stood AS (
    SELECT *, greatest(0, prepaid_fen)::HUGEINT AS held, least(purchase_fen, agreed_fen)::HUGEINT AS earned,
        period_end < getvariable('as_of') AS is_over
    FROM prepaid
),
excused AS (
    SELECT s.institution_code, s.lot_code, s.period_start, min(e.excuse_id) AS excuse_id
    FROM stood s
    JOIN excuses e ON e.institution_code = s.institution_code AND coalesce(e.lot_code, '') IN ('', s.lot_code)
    WHERE e.kind = 'prepayment' AND e.valid_from <= getvariable('as_of') AND (e.valid_to IS NULL OR s.pay_due_on <= e.valid_to)
    GROUP BY ALL
),
offsetting AS (
    SELECT *,
        CASE WHEN NOT has_commitment THEN 0 WHEN is_over THEN held
            WHEN agreed_fen = 0 THEN 0 ELSE (2 * held * earned + agreed_fen) // (2 * agreed_fen)
        END::BIGINT AS offset_fen,
        CASE WHEN NOT has_commitment OR NOT is_over THEN 0
            WHEN agreed_fen = 0 THEN held ELSE (2 * held * (agreed_fen - earned) + agreed_fen) // (2 * agreed_fen)
        END::BIGINT AS unearned_fen
    FROM stood
)
SELECT institution_code, lot_code, period_start, jurisdiction_code, agency_code, period_end, signed_on, apply_due_on, applied_on,
    coalesce(applied_on > apply_due_on, false) AS applied_late, pay_due_on, is_provisional, agreed_fen, required_fen, prepaid_fen,
    paid_in_fen, on_time_fen, purchase_fen,
    CASE WHEN agreed_fen = 0 THEN 0 ELSE earned::DOUBLE / agreed_fen::DOUBLE END AS progress,
    offset_fen, held::BIGINT - offset_fen AS balance_fen, unearned_fen, supplier_overdue_fen,
    CASE
        WHEN NOT has_commitment THEN 'no_commitment'
        WHEN agreed_fen = 0 AND lacks_price THEN 'no_price'
        WHEN agreed_fen = 0 THEN 'cancelled'
        WHEN required_fen IS NULL THEN 'no_rule'
        WHEN on_time_fen >= required_fen THEN 'paid'
        WHEN paid_in_fen >= required_fen THEN 'paid_late'
        WHEN applied_on IS NULL AND apply_due_on < getvariable('as_of') THEN 'not_applied'
        WHEN applied_on IS NULL THEN 'not_due'
        WHEN pay_due_on IS NULL OR getvariable('as_of') <= pay_due_on THEN 'not_due'
        WHEN paid_in_fen > 0 THEN 'partly_paid'
        ELSE 'unpaid'
    END AS status,
    excuse_id, policy_id
FROM offsetting
LEFT JOIN excused USING (institution_code, lot_code, period_start)
ORDER BY institution_code, lot_code, period_start
