-- What the queries share of commitments and of the classes of lines (obligations §13, §15, §16; rulebook §4).
-- In: words.sql, and for prepayments payables.sql.

-- Selections with the generic and route of their product.
CREATE VIEW selected_generic AS SELECT s.*, p.generic_code, p.route FROM selected s JOIN product p USING (product_code);

-- Classes W, N and S of drug lines (obligations §16), for every product, day and division in which there is one. A line in
-- no row is of class O.
CREATE VIEW classed AS
WITH asked AS MATERIALIZED (
    SELECT DISTINCT l.product_code, l.accepted_on, l.jurisdiction_code, m.generic_code, m.route
    FROM line l JOIN product m USING (product_code)
    WHERE m.kind = 'drug'
)
SELECT a.product_code, a.accepted_on, a.jurisdiction_code, a.generic_code, a.route,
    CASE WHEN bool_or(s.product_code = a.product_code) THEN 'W' ELSE 'N' END AS class
FROM asked a
JOIN selected_generic s ON s.generic_code = a.generic_code AND s.route = a.route
    AND a.accepted_on BETWEEN s.valid_from AND s.valid_to AND starts_with(a.jurisdiction_code, s.binds)
GROUP BY ALL
UNION ALL
SELECT DISTINCT a.product_code, a.accepted_on, a.jurisdiction_code, s.generic_code, s.route, 'S'
FROM asked a
JOIN substitutes u USING (product_code)
JOIN selected_generic s ON s.lot_code = u.lot_code AND s.item_code = u.item_code
    AND a.accepted_on BETWEEN s.valid_from AND s.valid_to AND starts_with(a.jurisdiction_code, s.binds)
WHERE (s.generic_code, s.route) <> (a.generic_code, a.route);

-- Commitments as they stand at as_of (rulebook §4, obligations §13): the end as adjusted; `agreed` and `agreed_max` in 10^-12
-- minimum units, for amounts in fen.
CREATE VIEW agreed AS
WITH adjusted AS (
    SELECT c.commitment_id,
        sum(CASE c.target
            WHEN 'amount' THEN round(a.delta_quantity * 100)::HUGEINT ELSE (a.delta_quantity * 10000)::HUGEINT * 100000000
        END) AS delta
    FROM commitment_adjustments a JOIN commitments c USING (commitment_id)
    WHERE a.effective_on <= getvariable('as_of')
    GROUP BY c.commitment_id
),
whole AS (
    SELECT c.*, i.jurisdiction_code, e.period_end AS new_period_end, coalesce(d.delta, 0) AS delta,
        CASE WHEN c.target = 'amount' THEN 0
            WHEN c.unit = 'pack' THEN (p.units_per_pack * 10000)::HUGEINT * 10000
            ELSE 100000000
        END AS unit_size
    FROM commitments c
    JOIN institutions i USING (institution_code)
    JOIN commitment_period e USING (commitment_id)
    LEFT JOIN products p USING (product_code)
    LEFT JOIN adjusted d USING (commitment_id)
)
SELECT * EXCLUDE (new_period_end, delta, unit_size)
    REPLACE (new_period_end AS period_end),
    (CASE target WHEN 'amount' THEN round(agreed_quantity * 100)::HUGEINT ELSE (agreed_quantity * 10000)::HUGEINT * unit_size END
        + delta)::HUGEINT AS agreed,
    CASE WHEN direction = 'band' THEN (
        CASE target
            WHEN 'amount' THEN round(agreed_quantity_max * 100)::HUGEINT
            ELSE (agreed_quantity_max * 10000)::HUGEINT * unit_size
        END + delta)::HUGEINT
    END AS agreed_max
FROM whole;

-- What commitments received and sent back (rulebook §4): within targets and directions apart (obligations §13) every receipt
-- goes whole to the first that claims it. In 10^-12 minimum units, and the net as an amount, each receipt to the fen.
CREATE VIEW netted AS
WITH claims AS (
    SELECT commitment_id, target, direction, institution_code, lot_code, item_code, period_start, product_code,
        period_start AS claim_from, period_end AS claim_to, 0 AS claim_rank
    FROM agreed WHERE product_code IS NOT NULL
    UNION ALL
    SELECT c.commitment_id, c.target, c.direction, c.institution_code, c.lot_code, c.item_code, c.period_start,
        a.replacement_product_code, greatest(c.period_start, a.effective_on), c.period_end, 0
    FROM agreed c JOIN commitment_adjustments a USING (commitment_id)
    WHERE c.product_code IS NOT NULL AND a.replacement_product_code IS NOT NULL
        AND a.effective_on <= getvariable('as_of')
    UNION ALL
    SELECT c.commitment_id, c.target, c.direction, c.institution_code, c.lot_code, c.item_code, c.period_start,
        s.product_code, greatest(c.period_start, s.valid_from), least(c.period_end, s.valid_to), 1
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
    SELECT d.institution_code, d.delivery_id, d.product_code, c.commitment_id, d.received_quantity, d.unit_price,
        coalesce((s.conversion_factor * 10000)::HUGEINT, 10000) AS factor
    FROM deliveries d
    JOIN claims c ON c.institution_code = d.institution_code AND c.product_code = d.product_code
        AND d.accepted_on BETWEEN c.claim_from AND c.claim_to
    LEFT JOIN selections s
        ON s.lot_code = c.lot_code AND s.item_code = c.item_code AND s.product_code = d.product_code
        AND d.accepted_on BETWEEN s.valid_from AND coalesce(s.valid_to, DATE '9999-12-31')
    WHERE d.accepted_on <= getvariable('as_of') AND NOT d.is_gift AND (d.channel = 'platform' OR c.direction = 'cap')
    QUALIFY row_number() OVER (
        PARTITION BY d.institution_code, d.delivery_id, c.target, c.direction
        ORDER BY c.claim_rank, c.period_start, c.commitment_id, s.valid_from DESC NULLS LAST
    ) = 1
),
priced AS (
    SELECT r.commitment_id, r.factor * (p.units_per_pack * 10000)::HUGEINT AS size,
        (r.received_quantity * 10000)::HUGEINT AS packs, coalesce(b.packs_back, 0) AS back,
        (packs - back) * (r.unit_price * 10000)::HUGEINT AS worth
    FROM receipts r
    JOIN products p USING (product_code)
    LEFT JOIN returned b USING (institution_code, delivery_id)
)
SELECT commitment_id, sum(packs * size)::HUGEINT AS received, sum(back * size)::HUGEINT AS returned,
    (received - returned)::HUGEINT AS net_units, sum(sign(worth) * ((2 * abs(worth) + 1000000) // 2000000))::BIGINT AS net_fen
FROM priced
GROUP BY commitment_id;

-- Prepayments of an institution, lot and agreement year beside what was agreed and bought (obligations §15).
CREATE VIEW prepaid AS
WITH moved AS (
    SELECT c.commitment_id, sum(CASE c.target
            WHEN 'amount' THEN round(j.delta_quantity * 100)::HUGEINT ELSE (j.delta_quantity * 10000)::HUGEINT * 100000000
        END) AS delta
    FROM commitment_adjustments j JOIN commitments c USING (commitment_id)
    WHERE j.effective_on <= least(getvariable('as_of'), c.period_start)
    GROUP BY c.commitment_id
),
asked AS MATERIALIZED (
    SELECT a.*,
        greatest(0, coalesce(m.delta, 0) + CASE
            WHEN a.target = 'amount' THEN round(c.agreed_quantity * 100)::HUGEINT
            WHEN c.unit = 'pack' THEN (c.agreed_quantity * 10000)::HUGEINT * (p.units_per_pack * 10000)::HUGEINT * 10000
            ELSE (c.agreed_quantity * 10000)::HUGEINT * 100000000
        END)::HUGEINT AS agreed_at_start,
        coalesce(CASE a.target WHEN 'amount' THEN n.net_fen ELSE n.net_units END, 0)::HUGEINT AS net
    FROM agreed a
    JOIN commitments c USING (commitment_id)
    LEFT JOIN products p ON p.product_code = a.product_code
    LEFT JOIN moved m ON m.commitment_id = a.commitment_id
    LEFT JOIN netted n ON n.commitment_id = a.commitment_id
    WHERE a.direction = 'floor'
),
priced AS ( -- at the item's lowest selected price on the first day: the lowest price gives the lowest worth
    SELECT a.commitment_id, min((2 * a.agreed_at_start * s.price + s.per) // (2 * s.per)) AS agreed_fen,
        min((2 * abs(a.net) * s.price + s.per) // (2 * s.per)) AS net_fen
    FROM asked a
    JOIN (
        SELECT s.*, (s.selected_price * 10000)::HUGEINT AS price,
            (p.units_per_pack * 10000)::HUGEINT * coalesce((s.conversion_factor * 10000)::HUGEINT, 10000) * 1000000 AS per
        FROM selections s JOIN products p USING (product_code)
    ) s ON s.lot_code = a.lot_code AND s.item_code = a.item_code
        AND a.period_start BETWEEN s.valid_from AND coalesce(s.valid_to, DATE '9999-12-31')
    WHERE a.target = 'quantity'
    GROUP BY a.commitment_id
),
valued AS (
    SELECT a.*, a.target = 'amount' OR p.commitment_id IS NOT NULL AS has_price,
        (CASE a.target WHEN 'amount' THEN a.agreed_at_start ELSE coalesce(p.agreed_fen, 0) END)::BIGINT AS agreed_fen,
        (CASE a.target WHEN 'amount' THEN a.net ELSE sign(a.net) * coalesce(p.net_fen, 0) END)::BIGINT AS net_fen
    FROM asked a
    LEFT JOIN priced p USING (commitment_id)
),
promised AS (
    SELECT institution_code, lot_code, period_start, min(agency_code) AS agency_code, min(signed_on) AS signed_on,
        max(period_end) AS period_end, sum(agreed_fen)::BIGINT AS agreed_fen,
        greatest(0, sum(net_fen))::BIGINT AS purchase_fen, bool_or(agreed_at_start > 0 AND NOT has_price) AS lacks_price
    FROM valued
    GROUP BY ALL
),
paying AS MATERIALIZED (
    SELECT * FROM prepayments
    WHERE applied_on <= getvariable('as_of') OR paid_on <= getvariable('as_of') OR (applied_on IS NULL AND paid_on IS NULL)
),
applied AS (
    SELECT institution_code, lot_code, period_start, min(agency_code) AS payer_code,
        coalesce(
            min(applied_on) FILTER (amount_fen > 0 AND applied_on <= getvariable('as_of')),
            min(paid_on) FILTER (amount_fen > 0 AND paid_on <= getvariable('as_of'))
        ) AS applied_on
    FROM paying
    GROUP BY ALL
),
standing AS ( -- what stood prepaid at the end of every day of payment
    SELECT institution_code, lot_code, period_start, paid_on, sum(sum(amount_fen)) OVER (
            PARTITION BY institution_code, lot_code, period_start ORDER BY paid_on
        ) AS stood
    FROM paying
    WHERE paid_on <= getvariable('as_of')
    GROUP BY institution_code, lot_code, period_start, paid_on
),
worked AS MATERIALIZED (
    SELECT day, is_provisional, row_number() OVER (ORDER BY day) AS number FROM calendar WHERE day = next_working_day
),
until AS MATERIALIZED ( -- how many working days there are up to a day
    SELECT c.day, count(w.day) OVER (ORDER BY c.day) AS number FROM calendar c LEFT JOIN worked w USING (day)
),
grouped AS (
    SELECT institution_code, lot_code, period_start, i.jurisdiction_code, p.institution_code IS NOT NULL AS has_commitment,
        p.period_end, coalesce(p.agreed_fen, 0) AS agreed_fen, coalesce(p.purchase_fen, 0) AS purchase_fen, p.lacks_price,
        coalesce(p.agency_code, a.payer_code, '') AS agency_code,
        coalesce(p.signed_on, period_start) AS signed_on, a.applied_on
    FROM promised p
    FULL JOIN applied a USING (institution_code, lot_code, period_start)
    JOIN institutions i USING (institution_code)
    JOIN lots l USING (lot_code)
    WHERE list_contains(policy_of('prepayment_programs', i.jurisdiction_code, period_start).value, l.program)
        AND list_contains(policy_of('prepayment_ownerships', i.jurisdiction_code, period_start).value, i.ownership)
),
due AS (
    SELECT g.*, policy_of('prepayment_rate', jurisdiction_code, signed_on) AS rate,
        w.day AS apply_due_on, v.day AS pay_due_on,
        coalesce(w.is_provisional, false) OR coalesce(v.is_provisional, false) AS is_provisional
    FROM (
        SELECT *, policy_of('prepayment_apply_days', jurisdiction_code, signed_on).value[1]::BIGINT AS apply_days,
            policy_of('prepayment_pay_days', jurisdiction_code, applied_on).value[1]::BIGINT AS pay_days
        FROM grouped
    ) g
    LEFT JOIN until u ON u.day = g.signed_on
    LEFT JOIN worked w ON w.number = u.number + g.apply_days
    LEFT JOIN until x ON x.day = g.applied_on
    LEFT JOIN worked v ON v.number = x.number + g.pay_days
),
paid AS (
    SELECT d.institution_code, d.lot_code, d.period_start, arg_max(s.stood, s.paid_on)::BIGINT AS prepaid_fen,
        greatest(0, max(s.stood))::BIGINT AS paid_in_fen,
        greatest(0, coalesce(max(s.stood) FILTER (d.pay_due_on IS NULL OR s.paid_on <= d.pay_due_on), 0))::BIGINT AS on_time_fen
    FROM due d JOIN standing s USING (institution_code, lot_code, period_start)
    GROUP BY ALL
),
overdue AS ( -- payables of products selected in the lot when they were accepted: the end of the next month holds for them
    SELECT institution_code, lot_code, sum(unpaid)::BIGINT AS supplier_overdue_fen
    FROM (
        SELECT DISTINCT p.due, p.institution_code, s.lot_code, p.unpaid
        FROM (
            SELECT due, institution_code, product_code, accepted_on, amount - coalesce(sum(fen), 0) AS unpaid
            FROM settled GROUP BY due, institution_code, product_code, accepted_on, amount
        ) p
        JOIN selections s ON s.product_code = p.product_code
            AND p.accepted_on BETWEEN s.valid_from AND coalesce(s.valid_to, DATE '9999-12-31')
        JOIN calendar c ON c.day = last_day((date_trunc('month', p.accepted_on) + INTERVAL 1 MONTH)::DATE)
        WHERE c.next_working_day <= getvariable('as_of')
    )
    GROUP BY ALL
)
SELECT d.* EXCLUDE (rate, apply_days, pay_days), rate.policy_id AS policy_id,
    ((2 * agreed_fen::HUGEINT * (rate.value[1]::DECIMAL(18, 6) * 1000000)::HUGEINT + 1000000) // 2000000)::BIGINT AS required_fen,
    coalesce(p.prepaid_fen, 0) AS prepaid_fen, coalesce(p.paid_in_fen, 0) AS paid_in_fen,
    coalesce(p.on_time_fen, 0) AS on_time_fen, coalesce(o.supplier_overdue_fen, 0) AS supplier_overdue_fen
FROM due d
LEFT JOIN paid p USING (institution_code, lot_code, period_start)
LEFT JOIN overdue o USING (institution_code, lot_code);
