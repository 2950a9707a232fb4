-- Agreed-volume completion (rulebook §4). Threshold: the national default policy row (0.8).
-- Units are integers of 10^-12 minimum units: packs x units per pack x factor, four decimals each.
WITH approved AS (
    SELECT e.commitment_id, sum((e.quantity * 10000)::HUGEINT) * 100000000 AS approved
    FROM excuses e JOIN agreed c USING (commitment_id)
    WHERE e.kind = 'volume' AND e.valid_from <= getvariable('as_of')
        AND (e.valid_to IS NULL OR c.period_end <= e.valid_to)
    GROUP BY e.commitment_id
),
measured AS (
    SELECT c.*, coalesce(n.received, 0)::HUGEINT AS received, coalesce(n.returned, 0)::HUGEINT AS returned,
        coalesce(n.net_units, 0)::HUGEINT AS net,
        greatest(0, c.agreed - net)::HUGEINT AS shortfall,
        least(shortfall, coalesce(a.approved, 0))::HUGEINT AS excused,
        (c.period_end - c.period_start + 1)::HUGEINT AS days_whole,
        greatest(0, least(getvariable('as_of'), c.period_end) - c.period_start + 1)::HUGEINT AS days_passed,
        c.period_end - getvariable('as_of') AS days_left
    FROM agreed c
    LEFT JOIN netted n USING (commitment_id)
    LEFT JOIN approved a USING (commitment_id)
    WHERE c.target = 'quantity' AND c.direction = 'floor'
)
SELECT commitment_id, jurisdiction_code, lot_code, item_code, institution_code, product_code, period_start, period_end,
    agreed::DOUBLE / 1e12 AS agreed_quantity,
    received::DOUBLE / 1e12 AS received_quantity,
    returned::DOUBLE / 1e12 AS returned_quantity,
    net::DOUBLE / 1e12 AS net_quantity,
    excused::DOUBLE / 1e12 AS excused_quantity,
    CASE WHEN agreed > 0 THEN net::DOUBLE / agreed::DOUBLE END AS strict_rate,
    CASE WHEN agreed > 0 THEN least(net, agreed)::DOUBLE / agreed::DOUBLE END AS capped_rate,
    CASE WHEN agreed > 0 AND agreed <> excused THEN net::DOUBLE / (agreed - excused)::DOUBLE END AS excused_rate,
    days_passed::DOUBLE / days_whole::DOUBLE AS time_progress,
    CASE WHEN agreed > 0
        THEN (net * days_whole - agreed * days_passed)::DOUBLE / (agreed * days_whole)::DOUBLE
    END AS gap,
    CASE WHEN period_start <= getvariable('as_of') AND days_left > 0
        THEN shortfall::DOUBLE / 1e12 / days_left
    END AS needed_per_day,
    CASE
        WHEN agreed <= 0 THEN 'cancelled'
        WHEN period_start > getvariable('as_of') THEN 'not_started'
        WHEN net >= agreed THEN 'completed'
        WHEN days_left < 0 AND excused > 0 AND (agreed = excused OR net::DOUBLE / (agreed - excused)::DOUBLE >= 1) THEN 'excused'
        WHEN days_left < 0 THEN 'failed'
        WHEN net * days_whole >= agreed * days_passed THEN 'on_track'
        WHEN 10 * net * days_whole < 8 * agreed * days_passed THEN 'seriously_behind'
        ELSE 'behind'
    END AS status
FROM measured
ORDER BY commitment_id
