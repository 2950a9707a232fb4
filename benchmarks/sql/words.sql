-- Words that the queries share (obligations §12), written by hand over the records of a run.
-- In: views named as the datasets, macro policy_of, function as_text (NFKC, without spaces, upper case); variable as_of.

CREATE MACRO fen(yuan) AS (round(yuan, 2) * 100)::BIGINT;

CREATE MACRO city(place) AS left(place, 4) || '00';

CREATE MACRO year_begins() AS date_trunc('year', getvariable('as_of'))::DATE;

-- Accepted deliveries, gifts among them, less what was returned of them.
CREATE VIEW receipt AS
SELECT d.*, i.jurisdiction_code, i.ownership,
    (d.received_quantity - coalesce(r.packs_back, 0))::DECIMAL(20, 4) AS packs,
    fen(packs * d.unit_price) AS value_fen
FROM deliveries d
JOIN institutions i USING (institution_code)
LEFT JOIN (
    SELECT institution_code, delivery_id, sum(returned_quantity) AS packs_back
    FROM returns
    WHERE status = 'confirmed' AND returned_on <= getvariable('as_of')
    GROUP BY ALL
) r USING (institution_code, delivery_id)
WHERE d.accepted_on <= getvariable('as_of') AND packs > 0;

CREATE VIEW line AS FROM receipt WHERE NOT is_gift;

-- Lines with what their product is, their month, and `units` in 10^-8 minimum units.
CREATE VIEW measured_line AS
SELECT l.*, strftime(l.accepted_on, '%Y-%m') AS month, p.kind, p.generic_code, p.special_category,
    (l.packs * 10000)::HUGEINT * (p.units_per_pack * 10000)::HUGEINT AS units
FROM line l JOIN products p USING (product_code);

CREATE VIEW product AS
SELECT *, nullif(as_text(dosage_form), '') AS form, nullif(as_text(strength), '') AS strength_text,
    as_text(min_unit) AS min_unit_text,
    CASE WHEN contains(coalesce(form, ''), '注射') THEN 'injection' ELSE 'other' END AS route
FROM products;

-- Products with their drug code, and whether their code is of a national pattern (rulebook §10).
CREATE VIEW medicine AS
SELECT * EXCLUDE (is_western, is_chinese),
    CASE WHEN is_western THEN left(product_code, 10) WHEN is_chinese THEN left(product_code, 11) ELSE generic_code END AS drug_code,
    is_western OR is_chinese OR regexp_full_match(product_code, 'C\d{19}(\d{7})?') AS is_national
FROM (
    SELECT *, regexp_full_match(product_code, 'X[A-Z]\d{2}[A-Z]{2}[A-Z]\d{3}[A-Z]\d{3}\d{2}\d{2}\d{5}') AS is_western,
        regexp_full_match(product_code, 'Z[A-Z]\d{2}[A-Z]{2}[A-Z]\d{4}\d{2}\d{2}\d{5}') AS is_chinese
    FROM product
);

-- Selections with the division that their lot binds and the day until which they hold.
CREATE VIEW selected AS
SELECT s.* EXCLUDE (valid_to), coalesce(s.valid_to, DATE '9999-12-31') AS valid_to, coalesce(l.jurisdiction_code, '') AS binds
FROM selections s JOIN lots l USING (lot_code);

-- Products on a list, by their own code or their generic's.
CREATE VIEW listed AS
SELECT e.list, p.product_code, coalesce(e.jurisdiction_code, '') AS binds, e.valid_from,
    coalesce(e.valid_to, DATE '9999-12-31') AS valid_to
FROM catalogue_entries e JOIN products p ON e.code IN (p.product_code, p.generic_code);

-- The same, and the products that are essential or monitored by themselves.
CREATE VIEW listed_or_flagged AS
SELECT list, product_code, binds, valid_from, valid_to FROM listed
UNION ALL
SELECT 'essential', product_code, '', DATE '0001-01-01', DATE '9999-12-31' FROM products WHERE is_essential
UNION ALL
SELECT 'key_monitored', product_code, '', DATE '0001-01-01', DATE '9999-12-31' FROM products WHERE is_key_monitored;

-- The head of the family of every institution.
CREATE VIEW family AS
WITH RECURSIVE
child AS (
    SELECT i.institution_code, p.institution_code AS parent
    FROM institutions i LEFT JOIN institutions p ON p.institution_code = i.parent_institution_code
),
tie AS (
    SELECT institution_code AS one, parent AS other FROM child WHERE parent IS NOT NULL
    UNION
    SELECT parent, institution_code FROM child WHERE parent IS NOT NULL
),
kin AS (
    SELECT institution_code, institution_code AS relative FROM child
    UNION
    SELECT k.institution_code, t.other FROM kin k JOIN tie t ON t.one = k.relative
)
SELECT k.institution_code, arg_min(k.relative, (c.parent IS NOT NULL, k.relative)) AS head
FROM kin k JOIN child c ON c.institution_code = k.relative
GROUP BY k.institution_code;

-- Commitments with the end that they have at as_of (rulebook §4).
CREATE VIEW commitment_period AS
SELECT c.commitment_id, c.institution_code, c.lot_code, c.item_code, c.period_start,
    greatest(c.period_start, coalesce(a.new_period_end, c.period_end)) AS period_end
FROM commitments c
LEFT JOIN (
    SELECT commitment_id, arg_max(new_period_end, (effective_on, adjustment_id)) AS new_period_end
    FROM commitment_adjustments
    WHERE effective_on <= getvariable('as_of') AND new_period_end IS NOT NULL
    GROUP BY commitment_id
) a USING (commitment_id);

-- Price x own units / units, half up to four decimals.
CREATE MACRO per_pack(price, own_units, units) AS (
    (2 * (price * 10000)::HUGEINT * (own_units * 10000)::HUGEINT + (units * 10000)::HUGEINT)
    // (2 * (units * 10000)::HUGEINT)
)::DECIMAL(22, 0) / 10000::DECIMAL(22, 4);

-- The price of a pack of other size (§25): by the price ratio rule, or by the unit; null where no method holds.
CREATE MACRO estimate(method, price, own_units, units) AS CASE method
    WHEN 'ratio' THEN round(round(
        price::DOUBLE * pow(1.95, log2(own_units::DOUBLE / units::DOUBLE)), 9
    )::DECIMAL(27, 9), 2)::DECIMAL(22, 4)
    WHEN 'unit' THEN per_pack(price, own_units, units)
END;

-- Products that differ in the size of the pack alone.
CREATE VIEW sibling AS
SELECT p.product_code, p.units_per_pack AS own_units, s.product_code AS sibling_code, s.units_per_pack AS units
FROM product p
JOIN product s USING (generic_code, route, manufacturer_code, form, strength_text, min_unit_text)
WHERE s.units_per_pack <> p.units_per_pack;

-- Every line with the price that holds on the day of its order (§25), null without any, and what was paid beyond and below it.
CREATE VIEW priced_line AS
WITH asked AS (
    SELECT DISTINCT product_code, ordered_on, jurisdiction_code FROM line
),
chosen AS (
    SELECT l.institution_code, l.product_code, l.ordered_on,
        first(s.selected_price ORDER BY c.commitment_id IS NULL, s.valid_from DESC, s.lot_code, s.item_code) AS price
    FROM (SELECT DISTINCT institution_code, jurisdiction_code, product_code, ordered_on FROM line) l
    JOIN family f USING (institution_code)
    JOIN selected s ON s.product_code = l.product_code AND l.ordered_on BETWEEN s.valid_from AND s.valid_to
        AND starts_with(l.jurisdiction_code, s.binds)
    LEFT JOIN commitment_period c
        ON c.institution_code IN (l.institution_code, f.head) AND c.lot_code = s.lot_code AND c.item_code = s.item_code
        AND l.ordered_on BETWEEN c.period_start AND c.period_end
    GROUP BY ALL
),
estimated AS (
    SELECT a.product_code, a.ordered_on, a.jurisdiction_code,
        first(
            estimate(a.method, s.selected_price, b.own_units, b.units)
            ORDER BY s.valid_from DESC, estimate(a.method, s.selected_price, b.own_units, b.units), s.product_code
        ) AS price
    FROM (SELECT *, policy_of('pack_price_method', jurisdiction_code, ordered_on).value[1] AS method FROM asked) a
    JOIN sibling b USING (product_code)
    JOIN selected s ON s.product_code = b.sibling_code AND a.ordered_on BETWEEN s.valid_from AND s.valid_to
        AND starts_with(a.jurisdiction_code, s.binds)
    WHERE a.method IS NOT NULL
    GROUP BY ALL
),
listing AS (
    SELECT a.product_code, a.ordered_on, a.jurisdiction_code,
        first(r.price ORDER BY length(r.jurisdiction_code) DESC, r.valid_from DESC) AS price
    FROM asked a
    JOIN reference_prices r ON r.product_code = a.product_code AND r.kind = 'listing'
        AND a.ordered_on BETWEEN r.valid_from AND coalesce(r.valid_to, DATE '9999-12-31')
        AND starts_with(a.jurisdiction_code, r.jurisdiction_code)
    GROUP BY ALL
),
tolerated AS (
    SELECT *, policy_of('price_tolerance', jurisdiction_code, ordered_on).value[1]::DECIMAL(18, 6) AS tolerance
    FROM (SELECT DISTINCT jurisdiction_code, ordered_on FROM asked)
)
SELECT l.*, p.kind, p.special_category, p.units_per_pack,
    CASE
        WHEN c.price IS NOT NULL THEN 'selected' WHEN e.price IS NOT NULL THEN 'estimated'
        WHEN coalesce(r.price, nullif(p.listing_price, 0)) IS NOT NULL THEN 'listing'
    END AS basis,
    coalesce(c.price, e.price, r.price, nullif(p.listing_price, 0))::DECIMAL(18, 4) AS expected,
    t.tolerance, l.unit_price - expected AS over_price,
    coalesce(over_price > t.tolerance, false) AS is_over, coalesce(-over_price > t.tolerance, false) AS is_below
FROM line l
JOIN products p USING (product_code)
LEFT JOIN chosen c USING (institution_code, product_code, ordered_on)
LEFT JOIN estimated e USING (product_code, ordered_on, jurisdiction_code)
LEFT JOIN listing r USING (product_code, ordered_on, jurisdiction_code)
LEFT JOIN tolerated t USING (ordered_on, jurisdiction_code);

-- Order lines that are due by as_of (§26), with what came of them, and what by the day they were due.
CREATE VIEW order_line AS
WITH ordered AS (
    SELECT d.institution_code, d.product_code, d.order_line_id, i.jurisdiction_code,
        max(d.ordered_quantity)::DECIMAL(20, 4) AS ordered, min(d.ordered_on) AS ordered_on,
        min(d.distributor_code) AS distributor_code,
        min(d.unit_price) AS unit_price, bool_or(d.is_emergency) AS is_emergency
    FROM deliveries d JOIN institutions i USING (institution_code)
    WHERE d.ordered_on <= getvariable('as_of') AND NOT d.is_gift
    GROUP BY ALL
    HAVING max(d.ordered_quantity) > 0
),
days AS (
    SELECT jurisdiction_code, ordered_on,
        policy_of('delivery_days', jurisdiction_code, ordered_on).value[1]::INTEGER AS usual,
        policy_of('delivery_days_emergency', jurisdiction_code, ordered_on).value[1]::INTEGER AS emergency,
        policy_of('transit_days', jurisdiction_code, ordered_on).value[1]::INTEGER AS transit
    FROM (SELECT DISTINCT jurisdiction_code, ordered_on FROM ordered)
),
due AS (
    SELECT o.*, o.ordered_on + CASE WHEN o.is_emergency THEN y.emergency ELSE y.usual END AS due_on, y.transit
    FROM ordered o JOIN days y USING (jurisdiction_code, ordered_on)
    WHERE due_on <= getvariable('as_of')
),
came AS (
    SELECT o.institution_code, o.product_code, o.order_line_id, sum(d.received_quantity) AS packs,
        sum(d.received_quantity) FILTER (
            least(d.accepted_on, coalesce(d.shipped_on + o.transit, d.accepted_on)) <= o.due_on
        ) AS packs_by_then
    FROM due o
    JOIN deliveries d USING (institution_code, product_code, order_line_id)
    WHERE NOT d.is_gift AND d.ordered_on <= getvariable('as_of') AND d.accepted_on <= getvariable('as_of')
    GROUP BY ALL
)
SELECT o.*, least(o.ordered, coalesce(c.packs, 0))::DECIMAL(20, 4) AS delivered,
    least(o.ordered, coalesce(c.packs_by_then, 0))::DECIMAL(20, 4) AS on_time
FROM due o LEFT JOIN came c USING (institution_code, product_code, order_line_id);

-- Invoice lines less what red lines take off them (rulebook §6), in order; who the buyer is where it is an institution.
CREATE VIEW net_line AS
WITH RECURSIVE
invoice AS MATERIALIZED (
    SELECT *, (quantity * 10000)::BIGINT AS packs, coalesce(batch_no, '') AS batch,
        red_of_invoice_no IS NOT NULL OR quantity < 0 OR amount_fen < 0 AS is_red,
        row_number() OVER (ORDER BY issued_on, invoice_code, invoice_no, line_no) AS line
    FROM invoices
    WHERE status = 'normal' AND issued_on <= getvariable('as_of')
),
-- Red lines take off one after the other what still stands of the lines they name.
target AS MATERIALIZED (
    SELECT r.line AS red, b.line, -r.packs AS packs, -r.amount_fen AS fen, b.packs AS blue_packs, b.amount_fen AS blue_fen,
        dense_rank() OVER (
            PARTITION BY b.seller_code, b.product_code, b.batch, b.invoice_no ORDER BY r.line
        ) AS turn,
        dense_rank() OVER (ORDER BY b.seller_code, b.product_code, b.batch, b.invoice_no) AS knot
    FROM invoice r
    JOIN invoice b ON b.invoice_no = r.red_of_invoice_no AND b.seller_code = r.seller_code
        AND b.product_code = r.product_code AND b.batch = r.batch
        AND coalesce(r.red_of_invoice_code, '') IN ('', b.invoice_code)
    WHERE r.is_red AND NOT b.is_red
),
walk AS (
    SELECT DISTINCT knot, line, 0::BIGINT AS turn, blue_packs AS packs_left, blue_fen AS fen_left FROM target
    UNION ALL
    SELECT knot, line, turn,
        (packs_left - least(packs_left, greatest(0, packs - (packs_upto - packs_left))))::BIGINT,
        (fen_left - least(fen_left, greatest(0, fen - (fen_upto - fen_left))))::BIGINT
    FROM (
        SELECT w.knot, w.line, w.packs_left, w.fen_left, w.turn + 1 AS turn,
            coalesce(t.packs, 0) AS packs, coalesce(t.fen, 0) AS fen,
            sum(w.packs_left) OVER standing AS packs_upto, sum(w.fen_left) OVER standing AS fen_upto
        FROM walk w
        SEMI JOIN target more ON more.knot = w.knot AND more.turn = w.turn + 1
        LEFT JOIN target t ON t.knot = w.knot AND t.turn = w.turn + 1 AND t.line = w.line
        WINDOW standing AS (PARTITION BY w.knot, t.line IS NULL ORDER BY w.line ROWS UNBOUNDED PRECEDING)
    )
),
lessened AS (SELECT line, min(packs_left) AS packs_left, min(fen_left) AS fen_left FROM walk GROUP BY line),
buyer AS (
    SELECT institution_code AS buyer_code, institution_code FROM institutions
    UNION ALL
    SELECT uscc, arg_min(institution_code, (parent_institution_code IS NOT NULL, institution_code))
    FROM institutions
    WHERE uscc IS NOT NULL AND uscc NOT IN (SELECT institution_code FROM institutions)
    GROUP BY uscc
)
SELECT i.*, coalesce(l.packs_left, i.packs) AS net, coalesce(l.fen_left, i.amount_fen) AS net_fen, b.institution_code
FROM invoice i
LEFT JOIN lessened l USING (line)
LEFT JOIN buyer b USING (buyer_code)
WHERE NOT i.is_red AND coalesce(l.packs_left, i.packs) > 0;
