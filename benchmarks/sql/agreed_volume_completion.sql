-- Agreed-volume completion (rulebook §4), written by hand over the records of a run.
-- In: views named as the datasets; variable as_of. Threshold: the national default policy row (0.8).
-- Units are integers of 10^-12 minimum units: packs x units per pack x factor, four decimals each.
WITH agreed AS (
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
returned AS (
    SELECT institution_code, delivery_id, sum((returned_quantity * 10000)::HUGEINT) AS packs_back
    FROM returns
    WHERE status = 'confirmed' AND returned_on <= getvariable('as_of')
    GROUP BY ALL
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
        least(shortfall, coalesce(a.approved, 0))::HUGEINT AS excused,
        (c.period_end - c.period_start + 1)::HUGEINT AS days_whole,
        greatest(0, least(getvariable('as_of'), c.period_end) - c.period_start + 1)::HUGEINT AS days_passed,
        c.period_end - getvariable('as_of') AS days_left
    FROM agreed c
    LEFT JOIN counted r USING (commitment_id)
    LEFT JOIN approved a USING (commitment_id)
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
FROM netted
ORDER BY commitment_id
