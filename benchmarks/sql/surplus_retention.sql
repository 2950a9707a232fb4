-- Surplus retention (obligations §28, rulebook §9), written by hand over the records of a run.
-- In: views named as the datasets; variable as_of; macro policy_of.
-- Amounts are integers of 10^-16 yuan (10^14 to the fen): the product of four numbers of four decimals.
WITH agreed AS (
    SELECT c.commitment_id, c.institution_code, c.lot_code, c.item_code, c.product_code, c.period_start,
        greatest(c.period_start, coalesce(d.new_period_end, c.period_end)) AS period_end,
        CASE c.unit
            WHEN 'pack' THEN (c.agreed_quantity * 10000)::HUGEINT * (p.units_per_pack * 10000)::HUGEINT * 10000
            ELSE (c.agreed_quantity * 10000)::HUGEINT * 100000000
        END + coalesce(d.delta, 0) * 100000000 AS agreed
    FROM commitments c
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
-- Whether it was completed: receipts go whole to the first commitment that may claim them.
claims AS (
    SELECT commitment_id, institution_code, lot_code, item_code, period_start, product_code,
        period_start AS claim_from, period_end AS claim_to, 0 AS claim_rank
    FROM agreed WHERE product_code IS NOT NULL
    UNION ALL
    SELECT c.commitment_id, c.institution_code, c.lot_code, c.item_code, c.period_start, a.replacement_product_code,
        greatest(c.period_start, a.effective_on), c.period_end, 0
    FROM agreed c JOIN commitment_adjustments a USING (commitment_id)
    WHERE c.product_code IS NOT NULL AND a.replacement_product_code IS NOT NULL AND a.effective_on <= getvariable('as_of')
    UNION ALL
    SELECT c.commitment_id, c.institution_code, c.lot_code, c.item_code, c.period_start, s.product_code,
        greatest(c.period_start, s.valid_from), least(c.period_end, s.valid_to), 1
    FROM agreed c JOIN selections s ON s.lot_code = c.lot_code AND s.item_code = c.item_code
    WHERE c.product_code IS NULL
),
stayed AS (
    SELECT d.institution_code, d.delivery_id, d.product_code, d.accepted_on, d.channel, d.unit_price,
        (d.received_quantity * 10000)::HUGEINT - coalesce(r.packs_back, 0) AS packs
    FROM deliveries d
    LEFT JOIN (
        SELECT institution_code, delivery_id, sum((returned_quantity * 10000)::HUGEINT) AS packs_back
        FROM returns
        WHERE status = 'confirmed' AND returned_on <= getvariable('as_of')
        GROUP BY ALL
    ) r USING (institution_code, delivery_id)
    WHERE d.accepted_on <= getvariable('as_of') AND NOT d.is_gift
),
receipts AS (
    SELECT d.institution_code, d.delivery_id, d.product_code, d.packs, c.commitment_id,
        coalesce((s.conversion_factor * 10000)::HUGEINT, 10000) AS factor
    FROM stayed d
    JOIN claims c ON c.institution_code = d.institution_code AND c.product_code = d.product_code
        AND d.accepted_on BETWEEN c.claim_from AND c.claim_to
    LEFT JOIN selections s
        ON s.lot_code = c.lot_code AND s.item_code = c.item_code AND s.product_code = d.product_code
        AND d.accepted_on BETWEEN s.valid_from AND coalesce(s.valid_to, DATE '9999-12-31')
    WHERE d.channel = 'platform'
    QUALIFY row_number() OVER (
        PARTITION BY d.institution_code, d.delivery_id
        ORDER BY c.claim_rank, c.period_start, c.commitment_id, s.valid_from DESC NULLS LAST
    ) = 1
),
netted AS (
    SELECT c.*, coalesce(r.net, 0)::HUGEINT AS net,
        least(greatest(0, c.agreed - coalesce(r.net, 0)), coalesce(e.approved, 0))::HUGEINT AS excused
    FROM agreed c
    LEFT JOIN (
        SELECT commitment_id, sum(packs * (units_per_pack * 10000)::HUGEINT * factor) AS net
        FROM receipts JOIN products USING (product_code)
        GROUP BY commitment_id
    ) r USING (commitment_id)
    LEFT JOIN (
        SELECT c.commitment_id, sum((e.quantity * 10000)::HUGEINT) * 100000000 AS approved
        FROM excuses e JOIN agreed c USING (commitment_id)
        WHERE e.kind = 'volume' AND e.valid_from <= getvariable('as_of')
            AND (e.valid_to IS NULL OR c.period_end <= e.valid_to)
        GROUP BY c.commitment_id
    ) e USING (commitment_id)
),
base AS MATERIALIZED (
    SELECT b.*, i.jurisdiction_code
    FROM surplus_bases b
    JOIN institutions i USING (institution_code)
    SEMI JOIN lots l USING (lot_code)
    WHERE b.period_end < getvariable('as_of')
),
-- The lowest price of a minimum unit on the first day: price over units per pack times factor.
lowest AS (
    SELECT b.lot_code, b.item_code, b.period_start,
        arg_min(
            {'price': (s.selected_price * 10000)::HUGEINT,
             'per': (p.units_per_pack * 10000)::HUGEINT * (s.conversion_factor * 10000)::HUGEINT},
            s.selected_price::DOUBLE / (p.units_per_pack::DOUBLE * s.conversion_factor::DOUBLE)
        ) AS unit
    FROM (SELECT DISTINCT lot_code, item_code, period_start FROM base) b
    JOIN selections s ON s.lot_code = b.lot_code AND s.item_code = b.item_code
        AND b.period_start BETWEEN s.valid_from AND coalesce(s.valid_to, DATE '9999-12-31')
    JOIN products p USING (product_code)
    GROUP BY ALL
),
valued AS (
    SELECT n.institution_code, n.lot_code, n.item_code, n.period_start, net >= agreed OR (
            n.period_end < getvariable('as_of') AND excused > 0 AND (agreed = excused OR net::DOUBLE / (agreed - excused)::DOUBLE >= 1)
        ) AS is_met,
        -- 10^-12 units times 10^-4 yuan over 10^-8 units: half up to the fen
        (2 * n.agreed * l.unit.price + l.unit.per * 1000000) // (2 * l.unit.per * 1000000) AS agreed_fen
    FROM netted n
    LEFT JOIN lowest l USING (lot_code, item_code, period_start)
    WHERE n.agreed > 0 AND (n.product_code IS NULL OR n.product_code IN (SELECT product_code FROM products))
),
agreed_of AS (
    SELECT institution_code, lot_code, item_code, period_start, sum(agreed_fen)::BIGINT AS agreed_fen,
        bool_or(agreed_fen IS NULL) AS lacks_price, bool_and(is_met) AS volume_met
    FROM valued GROUP BY ALL
),
-- What was bought beside the selected: drugs of the generics and routes that the item selected on its first day.
generic AS (
    SELECT product_code, kind, generic_code,
        coalesce(contains(regexp_replace(nfc_normalize(dosage_form), '\s', '', 'g'), '注射'), FALSE) AS is_injection
    FROM products
),
wanted AS (
    SELECT DISTINCT b.lot_code, b.item_code, b.period_start, g.generic_code, g.is_injection
    FROM (SELECT DISTINCT lot_code, item_code, period_start FROM base) b
    JOIN selections s ON s.lot_code = b.lot_code AND s.item_code = b.item_code
        AND b.period_start BETWEEN s.valid_from AND coalesce(s.valid_to, DATE '9999-12-31')
    JOIN generic g USING (product_code)
),
holds AS ( -- what is selected, and where
    SELECT s.product_code, s.valid_from, coalesce(s.valid_to, DATE '9999-12-31') AS valid_to, g.generic_code, g.is_injection,
        coalesce(l.jurisdiction_code, '') AS prefix
    FROM selections s JOIN generic g USING (product_code) LEFT JOIN lots l USING (lot_code)
),
beside AS (
    SELECT d.institution_code, d.accepted_on, g.generic_code, g.is_injection,
        (2 * d.packs * (d.unit_price * 10000)::HUGEINT + 1000000) // 2000000 AS value_fen
    FROM stayed d
    JOIN generic g USING (product_code)
    JOIN institutions i USING (institution_code)
    WHERE d.packs > 0 AND g.kind = 'drug'
        AND EXISTS (
            FROM holds h
            WHERE h.generic_code = g.generic_code AND h.is_injection = g.is_injection
                AND d.accepted_on BETWEEN h.valid_from AND h.valid_to AND starts_with(i.jurisdiction_code, h.prefix)
        )
        AND NOT EXISTS (
            FROM holds h
            WHERE h.product_code = d.product_code
                AND d.accepted_on BETWEEN h.valid_from AND h.valid_to AND starts_with(i.jurisdiction_code, h.prefix)
        )
),
bought AS (
    SELECT b.institution_code, b.lot_code, b.item_code, b.period_start, sum(x.value_fen)::BIGINT AS non_selected_fen
    FROM base b
    JOIN wanted w USING (lot_code, item_code, period_start)
    JOIN beside x ON x.institution_code = b.institution_code AND x.generic_code = w.generic_code
        AND x.is_injection = w.is_injection AND x.accepted_on BETWEEN b.period_start AND b.period_end
    GROUP BY ALL
),
judged AS (
    SELECT b.institution_code, b.lot_code, b.item_code, b.period_start, b.period_end, b.jurisdiction_code,
        (b.base_quantity * 10000)::HUGEINT * (b.price_before * 10000)::HUGEINT
            * (b.fund_pay_ratio_before * 10000)::HUGEINT * (b.insured_share * 10000)::HUGEINT AS budget,
        coalesce(a.agreed_fen, 0) AS agreed_fen, coalesce(n.non_selected_fen, 0) AS non_selected_fen,
        CASE WHEN NOT a.lacks_price THEN (coalesce(a.agreed_fen, 0) + coalesce(n.non_selected_fen, 0))::HUGEINT
            * (b.fund_pay_ratio * 10000)::HUGEINT * (b.insured_share * 10000)::HUGEINT * 1000000 END AS spend,
        a.lacks_price, a.volume_met, e.result, e.score, policy_of('surplus_ratio', b.jurisdiction_code, b.period_end) AS policy
    FROM base b
    LEFT JOIN agreed_of a USING (institution_code, lot_code, item_code, period_start)
    LEFT JOIN bought n USING (institution_code, lot_code, item_code, period_start)
    LEFT JOIN evaluations e ON e.institution_code = b.institution_code AND e.kind = 'surplus'
        AND e.year = strftime(b.period_end, '%Y') AND e.decided_on <= getvariable('as_of')
),
shared AS (
    SELECT *, list_sort([
        {'least': split_part(step, '=', 1)::DECIMAL(8, 4), 'gives': (split_part(step, '=', 2)::DECIMAL(8, 2) * 100)::HUGEINT}
        for step in policy.value
    ]) AS steps,
    CASE
        WHEN policy IS NULL OR result IS NULL THEN NULL
        WHEN result = 'fail' THEN 0
        WHEN score IS NULL THEN coalesce(steps[1].gives, 0)
        ELSE coalesce(list_filter(steps, lambda step: step.least <= score)[-1].gives, 0)
    END AS percent
    FROM judged
)
SELECT institution_code, lot_code, item_code, period_start, period_end, jurisdiction_code,
    CASE
        WHEN lacks_price IS NULL THEN 'no_commitment'
        WHEN lacks_price THEN 'no_price'
        WHEN policy IS NULL THEN 'no_ratio'
        WHEN result IS NULL THEN 'unassessed'
        ELSE 'assessed'
    END AS status,
    agreed_fen, non_selected_fen,
    ((2 * budget + 100000000000000) // 200000000000000)::BIGINT AS budget_fen,
    ((2 * spend + 100000000000000) // 200000000000000)::BIGINT AS spend_fen,
    (sign(budget - spend) * ((2 * abs(budget - spend) + 100000000000000) // 200000000000000))::BIGINT AS surplus_fen,
    result, score::DOUBLE AS score, percent::DOUBLE / 10000 AS ratio,
    ((2 * greatest(0, budget - spend) * percent + 1000000000000000000) // 2000000000000000000)::BIGINT AS retained_fen,
    volume_met
FROM shared
ORDER BY institution_code, lot_code, item_code, period_start
