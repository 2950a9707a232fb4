-- Two-invoice verdicts (rulebook §6), written by hand over the records of a run.
-- In: words.sql. Scope and exceptions: the national default policy rows.
-- Chains are followed over at most six invoices between companies.
WITH RECURSIVE
stands_for AS ( -- who counts as the maker of a product, and when
    SELECT product_code, manufacturer_code AS seller_code, DATE '0001-01-01' AS since, DATE '9999-12-31' AS until
    FROM products
    UNION ALL
    SELECT product_code, mah_code, DATE '0001-01-01', DATE '9999-12-31' FROM products WHERE mah_code IS NOT NULL
    UNION ALL
    SELECT p.product_code, d.enterprise_code, d.valid_from, coalesce(d.valid_to, DATE '9999-12-31')
    FROM deemed_manufacturers d
    JOIN products p ON d.manufacturer_code IN (p.manufacturer_code, p.mah_code)
        AND coalesce(d.product_code, '') IN ('', p.product_code)
),
net AS MATERIALIZED (
    SELECT i.line, i.invoice_code, i.invoice_no, i.line_no, i.seller_code, i.buyer_code, i.issued_on, i.product_code,
        i.batch_no, i.net, i.net_fen, i.institution_code,
        upper(trim(i.batch, E' \t\r\n　')) NOT IN (
            '', '无', '-', '--', '—', '——', '/', '\', 'N/A', 'NA', '无批号', 'NULL', 'NONE', '空', '暂无', '.', '*',
            '－', '－－', '／', '＼', 'Ｎ／Ａ', 'ＮＡ', '．', '＊', 'ＮＵＬＬ', 'ＮＯＮＥ'
        ) AS has_batch,
        EXISTS (
            FROM stands_for s
            WHERE s.product_code = i.product_code AND s.seller_code = i.seller_code
                AND i.issued_on BETWEEN s.since AND s.until
        ) AS is_source
    FROM net_line i
),
company AS MATERIALIZED (
    SELECT n.*, coalesce(s.group_code = b.group_code, false) AS in_group
    FROM net n
    LEFT JOIN enterprises s ON s.enterprise_code = n.seller_code
    LEFT JOIN enterprises b ON b.enterprise_code = n.buyer_code
    WHERE n.institution_code IS NULL
),
reach AS ( -- since when goods of a batch stand with a company, so many invoices from the maker
    SELECT product_code, batch_no, buyer_code AS holder, 1 AS hop, min(issued_on) AS since
    FROM company WHERE is_source AND has_batch
    GROUP BY ALL
    UNION ALL
    SELECT c.product_code, c.batch_no, c.buyer_code, r.hop + 1, min(c.issued_on)
    FROM reach r
    JOIN company c ON c.product_code = r.product_code AND c.batch_no = r.batch_no AND c.seller_code = r.holder
        AND r.since <= c.issued_on
    WHERE NOT c.is_source AND c.has_batch AND r.hop < 6
    GROUP BY c.product_code, c.batch_no, c.buyer_code, r.hop
),
reached AS MATERIALIZED (
    SELECT product_code, batch_no, holder,
        min(since) FILTER (hop = 1) AS s1, min(since) FILTER (hop = 2) AS s2, min(since) FILTER (hop = 3) AS s3,
        min(since) FILTER (hop = 4) AS s4, min(since) FILTER (hop = 5) AS s5, min(since) FILTER (hop = 6) AS s6
    FROM reach GROUP BY ALL
),
placed AS MATERIALIZED (
    SELECT n.*,
        CASE
            WHEN n.is_source THEN 0 WHEN NOT n.has_batch THEN NULL
            WHEN s1 <= n.issued_on THEN 1 WHEN s2 <= n.issued_on THEN 2 WHEN s3 <= n.issued_on THEN 3
            WHEN s4 <= n.issued_on THEN 4 WHEN s5 <= n.issued_on THEN 5 WHEN s6 <= n.issued_on THEN 6
        END AS hop,
        CASE WHEN n.has_batch THEN sum(n.net) OVER (
            PARTITION BY n.product_code, n.batch_no, n.seller_code ORDER BY n.line ROWS UNBOUNDED PRECEDING
        ) END AS sold_through
    FROM net n
    LEFT JOIN reached r ON r.product_code = n.product_code AND r.batch_no = n.batch_no AND r.holder = n.seller_code
),
stock AS (
    SELECT c.product_code, c.batch_no, c.buyer_code AS seller_code,
        coalesce(sum(c.net) FILTER (p.hop = 0), 0) AS bought_from_source,
        coalesce(sum(c.net) FILTER (p.hop <= 1), 0) AS bought_within_one,
        min(c.issued_on) AS bought_since,
        min(c.issued_on) FILTER (c.in_group) AS in_group_since,
        min(c.issued_on) FILTER (c.in_group AND p.hop = 1) AS transfer_since,
        min(c.issued_on) FILTER (p.hop IS NOT NULL) AS reached_since
    FROM company c JOIN placed p USING (line)
    WHERE c.has_batch
    GROUP BY ALL
),
source AS (
    SELECT product_code, buyer_code AS seller_code, min(issued_on) AS source_since
    FROM company WHERE is_source GROUP BY ALL
),
judged AS (
    SELECT p.*, f.is_remote, s.* EXCLUDE (product_code, batch_no, seller_code), o.source_since,
        d.special_category IN ('narcotic', 'psychotropic_1', 'vaccine', 'tcm_decoction', 'reserve') OR EXISTS (
            FROM excuses e
            WHERE e.kind = 'two_invoice' AND e.valid_from <= getvariable('as_of')
                AND e.institution_code = p.institution_code AND e.invoice_code = p.invoice_code
                AND e.invoice_no = p.invoice_no AND (e.valid_to IS NULL OR p.issued_on <= e.valid_to)
        ) AS is_exempt,
        coalesce(p.hop = 2 AND s.transfer_since <= p.issued_on, false) AS is_transfer,
        coalesce(p.hop = 2 AND f.is_remote, false) AS is_extra
    FROM placed p
    JOIN institutions f ON f.institution_code = p.institution_code AND f.ownership = 'public'
    JOIN products d ON d.product_code = p.product_code AND d.kind = 'drug'
    LEFT JOIN stock s ON s.product_code = p.product_code AND s.batch_no = p.batch_no AND s.seller_code = p.seller_code
    LEFT JOIN source o ON o.product_code = p.product_code AND o.seller_code = p.seller_code
)
SELECT invoice_code, invoice_no, line_no::INTEGER AS line_no, institution_code, seller_code, product_code, batch_no, issued_on,
    net / 10000.0::DOUBLE AS net_quantity, net_fen,
    CASE
        WHEN is_exempt THEN 'exempt'
        WHEN hop = 0 THEN 'direct'
        WHEN NOT has_batch THEN 'no_batch'
        WHEN (hop = 1 OR is_transfer OR is_extra)
            AND sold_through > CASE hop WHEN 1 THEN bought_from_source ELSE bought_within_one END THEN 'oversold'
        WHEN hop = 1 THEN 'two_invoice'
        WHEN is_transfer THEN 'group_transfer'
        WHEN is_extra THEN 'remote_extra'
        WHEN hop >= 2 THEN 'too_many_invoices'
        WHEN hop IS NULL AND bought_since <= issued_on AND NOT coalesce(in_group_since <= issued_on, false)
            AND NOT is_remote THEN 'too_many_invoices'
        WHEN reached_since IS NOT NULL THEN 'upstream_after_sale'
        WHEN bought_since IS NULL AND source_since <= issued_on THEN 'batch_mismatch'
        ELSE 'missing_upstream'
    END AS verdict,
    hop::INTEGER AS hops
FROM judged
ORDER BY invoice_code, invoice_no, line_no
