-- Budgets, caps and bands (obligations §13). Quantities are integers of 10^-12 minimum units, amounts of a fen.
WITH excusing AS (
    SELECT a.commitment_id, sum(CASE a.target
            WHEN 'amount' THEN round(e.quantity * 100)::HUGEINT ELSE (e.quantity * 10000)::HUGEINT * 100000000
        END) AS approved_sum
    FROM excuses e JOIN agreed a USING (commitment_id)
    WHERE e.kind = 'volume' AND e.valid_from <= getvariable('as_of') AND (e.valid_to IS NULL OR a.period_end <= e.valid_to)
    GROUP BY a.commitment_id
),
stocked AS (
    SELECT DISTINCT a.commitment_id
    FROM agreed a
    JOIN selections s ON s.lot_code = a.lot_code AND s.item_code = a.item_code
        AND s.valid_from <= a.period_end AND coalesce(s.valid_to, DATE '9999-12-31') >= a.period_start
),
measured AS (
    SELECT a.*, s.commitment_id IS NOT NULL OR a.product_code IS NOT NULL AS has_products,
        coalesce(CASE a.target WHEN 'amount' THEN n.net_fen ELSE n.net_units END, 0)::HUGEINT AS net,
        coalesce(e.approved_sum, 0)::HUGEINT AS approved,
        CASE a.direction WHEN 'cap' THEN a.agreed WHEN 'band' THEN a.agreed_max END AS most,
        coalesce(net > most, false) AS is_above,
        (a.period_end - a.period_start + 1)::HUGEINT AS days_whole,
        greatest(0, least(getvariable('as_of'), a.period_end) - a.period_start + 1)::HUGEINT AS days_passed,
        policy_of(
            CASE a.direction WHEN 'cap' THEN 'cap_ahead_ratio' ELSE 'seriously_behind_ratio' END,
            a.jurisdiction_code, getvariable('as_of')
        ) AS ratio
    FROM agreed a
    LEFT JOIN netted n USING (commitment_id)
    LEFT JOIN excusing e USING (commitment_id)
    LEFT JOIN stocked s USING (commitment_id)
    WHERE a.target = 'amount' OR a.direction <> 'floor'
),
judged AS (
    SELECT *,
        least(approved, CASE WHEN direction = 'cap' OR is_above THEN greatest(0, net - most) ELSE greatest(0, agreed - net) END
            )::HUGEINT AS excused,
        (CASE WHEN direction = 'cap' OR is_above THEN most + excused ELSE agreed - excused END)::HUGEINT AS excused_of,
        (ratio.value[1]::DECIMAL(18, 6) * 1000000)::HUGEINT AS millionths
    FROM measured
)
SELECT commitment_id, jurisdiction_code, institution_code, lot_code, item_code, product_code, target, direction,
    period_start, period_end,
    CASE target WHEN 'quantity' THEN agreed::DOUBLE / 1e12 END AS agreed_quantity,
    CASE target WHEN 'quantity' THEN agreed_max::DOUBLE / 1e12 END AS agreed_max_quantity,
    CASE target WHEN 'quantity' THEN net::DOUBLE / 1e12 END AS net_quantity,
    CASE target WHEN 'quantity' THEN excused::DOUBLE / 1e12 END AS excused_quantity,
    CASE target WHEN 'amount' THEN agreed::BIGINT END AS agreed_fen,
    CASE target WHEN 'amount' THEN agreed_max::BIGINT END AS agreed_max_fen,
    CASE target WHEN 'amount' THEN net::BIGINT END AS net_fen,
    CASE target WHEN 'amount' THEN excused::BIGINT END AS excused_fen,
    CASE WHEN agreed > 0 THEN net::DOUBLE / agreed::DOUBLE END AS rate,
    CASE WHEN agreed > 0 AND excused_of <> 0 THEN net::DOUBLE / excused_of::DOUBLE END AS excused_rate,
    days_passed::DOUBLE / days_whole::DOUBLE AS time_progress,
    CASE WHEN agreed > 0
        THEN (net * days_whole - agreed * days_passed)::DOUBLE / (agreed * days_whole)::DOUBLE
    END AS gap,
    CASE
        WHEN agreed <= 0 THEN 'cancelled'
        WHEN NOT has_products THEN 'no_products'
        WHEN period_start > getvariable('as_of') THEN 'not_started'
        WHEN is_above AND net <= most + excused THEN 'excused'
        WHEN is_above THEN 'exceeded'
        WHEN direction = 'cap' AND period_end < getvariable('as_of') THEN 'kept'
        WHEN direction = 'cap' AND net * days_whole * 1000000 > agreed * days_passed * millionths THEN 'ahead'
        WHEN direction = 'cap' THEN 'on_track'
        WHEN net >= agreed THEN 'completed'
        WHEN period_end < getvariable('as_of') AND excused > 0 AND (excused_of = 0 OR net >= excused_of) THEN 'excused'
        WHEN period_end < getvariable('as_of') THEN 'failed'
        WHEN net * days_whole >= agreed * days_passed THEN 'on_track'
        WHEN net * days_whole * 1000000 < agreed * days_passed * millionths THEN 'seriously_behind'
        ELSE 'behind'
    END AS status,
    ratio.policy_id AS policy_id
FROM judged
ORDER BY commitment_id
