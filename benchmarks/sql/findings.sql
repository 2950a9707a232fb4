-- Findings of §18 and §21 to §30, as §12 says of each, written by hand over the records of a run. Of parameters that have no
-- row anywhere there are none. In: words.sql, and a view named as each report table that has a query.
WITH owned AS (SELECT institution_code, ownership FROM institutions),
late AS (
    SELECT jurisdiction_code, distributor_code, count(*) AS lines, sum(fen(ordered * unit_price)) AS ordered_fen,
        sum(fen(delivered * unit_price)) AS delivered_fen
    FROM order_line
    WHERE due_on >= getvariable('as_of') - 89
    GROUP BY ALL
),
out_at AS (
    SELECT trace_code, institution_code, max(scanned_on) FILTER (event = 'dispensed') AS last_on
    FROM trace_scans
    WHERE scanned_on <= getvariable('as_of')
    GROUP BY ALL
    HAVING count(*) FILTER (event = 'dispensed') > count(*) FILTER (event = 'taken_back')
),
received_at AS (
    SELECT s.trace_code, s.institution_code, s.scanned_on AS last_on
    FROM trace_scans s
    WHERE s.event = 'received' AND s.scanned_on <= getvariable('as_of') AND NOT EXISTS (
        FROM returns r
        WHERE r.institution_code = s.institution_code AND r.delivery_id = s.delivery_id AND r.status = 'confirmed'
            AND r.returned_on <= getvariable('as_of')
    )
),
raised AS (
    SELECT 'price_above_' || basis AS rule_code, 'price_compliance' AS says,
        CASE basis WHEN 'selected' THEN 'violation' WHEN 'listing' THEN 'warning' ELSE 'signal' END AS severity,
        institution_code, jurisdiction_code, NULL AS counterparty_code,
        concat_ws('|', institution_code, product_code, strftime(accepted_on, '%Y-%m')) AS subject_key,
        last_day(accepted_on) AS day, sum(fen(over_price * packs))::BIGINT AS amount_fen,
        sum(packs * units_per_pack)::DOUBLE AS quantity
    FROM priced_line WHERE is_over
    GROUP BY ALL
    UNION ALL
    SELECT 'markup', 'markup', 'violation', institution_code, jurisdiction_code, NULL, institution_code || '|' || month,
        last_day((month || '-01')::DATE), markup_fen, NULL
    FROM price_compliance SEMI JOIN (FROM owned WHERE ownership = 'public') USING (institution_code)
    WHERE markup_lines > 0
    UNION ALL
    SELECT 'delivery_poor', 'delivery_performance', 'warning', NULL, jurisdiction_code, distributor_code,
        jurisdiction_code || '|' || distributor_code, getvariable('as_of'), (ordered_fen - delivered_fen)::BIGINT, NULL
    FROM late
    WHERE lines >= policy_of('delivery_lines_min', jurisdiction_code, getvariable('as_of')).value[1]::INTEGER
        AND delivered_fen < ordered_fen
            * policy_of('delivery_rate_min', jurisdiction_code, getvariable('as_of')).value[1]::DECIMAL(18, 6)
    UNION ALL
    SELECT 'shortage', 'shortage', 'signal', NULL, city_code, NULL, city_code || '|' || product_code, getvariable('as_of'),
        NULL, ordered_units - delivered_units
    FROM shortage
    WHERE level = 'shortage' AND generic_fill_rate < coalesce(
        policy_of('watch_fill', city_code, getvariable('as_of')), policy_of('shortage_fill', city_code, getvariable('as_of'))
    ).value[1]::DOUBLE
    UNION ALL
    SELECT 'payment_standard_differs', 'payment_standard_gap', 'warning', NULL, jurisdiction_code, NULL,
        jurisdiction_code || '|' || product_code, getvariable('as_of'), NULL, NULL
    FROM payment_standard_gap
    WHERE basis = 'selected' AND abs(gap::DECIMAL(18, 4))
        > policy_of('price_tolerance', jurisdiction_code, getvariable('as_of')).value[1]::DECIMAL(18, 6)
    UNION ALL
    SELECT 'listed_company_trade', 'listed_company_trade',
        CASE WHEN ownership = 'public' AND role IN ('distributor', 'seller') THEN 'violation' ELSE 'signal' END,
        institution_code, jurisdiction_code, enterprise_code, concat_ws('|', enterprise_code, institution_code, role), last_on,
        amount_fen, NULL
    FROM listed_company_trade JOIN owned USING (institution_code)
    WHERE here_lines > 0
    UNION ALL
    SELECT 'credit_grade_severe', 'credit_grades', 'warning', NULL, '', g.enterprise_code, g.enterprise_code, m.decided_on,
        m.amount_fen, NULL
    FROM credit_grades g JOIN misconduct m ON m.enterprise_code = g.enterprise_code AND m.case_no = g.worst_case_no
    WHERE g.severe_cases > 0
    UNION ALL
    SELECT limited.rule, limited.says, 'warning', institution_code, jurisdiction_code, NULL, institution_code || '|' || drug_code,
        getvariable('as_of'), NULL, NULL
    FROM catalogue_limits SEMI JOIN (FROM owned WHERE ownership = 'public') USING (institution_code), LATERAL (
        SELECT unnest([
            {'rule': 'too_many_forms', 'says': 'catalogue_limits', 'found': forms, 'most': 'forms_max'},
            {'rule': 'too_many_strengths', 'says': 'catalogue_limits', 'found': strengths, 'most': 'strengths_max'},
            {
                'rule': 'too_many_products', 'says': 'too_many_products',
                'found': greatest(injection_products, oral_products), 'most': 'products_max'
            }
        ]) AS limited
    )
    WHERE limited.found > policy_of(limited.most, jurisdiction_code, getvariable('as_of')).value[1]::INTEGER
    UNION ALL
    SELECT 'trace_missing', 'trace_coverage', 'warning', institution_code, jurisdiction_code, NULL,
        institution_code || '|' || month, last_day((month || '-01')::DATE), NULL, round(packs - traced_packs, 4)
    FROM trace_coverage
    WHERE traced_packs < packs * policy_of('trace_coverage_min', jurisdiction_code, getvariable('as_of')).value[1]::DOUBLE
    UNION ALL
    SELECT 'trace_code_reused', 'trace_reuse', 'signal', seen.institution_code, i.jurisdiction_code, NULL, trace_code, t.last_on,
        NULL, NULL
    FROM trace_reuse t
    JOIN (
        SELECT trace_code, first(institution_code ORDER BY last_on DESC, institution_code) AS institution_code
        FROM out_at GROUP BY ALL
    ) seen USING (trace_code)
    JOIN institutions i ON i.institution_code = seen.institution_code
    WHERE t.families >= 2
    UNION ALL
    SELECT 'trace_code_received_twice', 'trace_reuse', 'signal', seen.institution_code, i.jurisdiction_code, NULL, trace_code,
        t.received_last_on, NULL, NULL
    FROM trace_reuse t
    JOIN (
        SELECT trace_code, first(institution_code ORDER BY last_on DESC, institution_code) AS institution_code
        FROM received_at GROUP BY ALL
    ) seen USING (trace_code)
    JOIN institutions i ON i.institution_code = seen.institution_code
    WHERE t.received_families >= 2
    UNION ALL
    SELECT 'distribution_dispersed', 'distribution_concentration', 'signal', NULL, jurisdiction_code, NULL, code,
        getvariable('as_of'), NULL, NULL
    FROM distribution_concentration
    WHERE level = 'city'
        AND top10_share < policy_of('top10_share_min', jurisdiction_code, getvariable('as_of')).value[1]::DOUBLE
)
SELECT rule_code, subject_key, institution_code, jurisdiction_code, counterparty_code, amount_fen, quantity,
    CASE WHEN ownership <> 'public' THEN 'signal' ELSE severity END AS severity,
    policy_of('clause_' || says, jurisdiction_code, day).value[1] AS clause
FROM raised LEFT JOIN owned USING (institution_code)
WHERE rule_code = 'credit_grade_severe' OR day >= year_begins() - to_years(
    policy_of('findings_from', jurisdiction_code, getvariable('as_of')).value[1]::INTEGER
)
ORDER BY rule_code, subject_key
