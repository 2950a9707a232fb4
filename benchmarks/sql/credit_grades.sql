-- Credit grades of companies (obligations §24), written by hand over the records of a run.
-- In: words.sql. Policies of a case are those of the nation on the day that its grade was given.
WITH counting AS (
    SELECT *, policy_of('credit_grade_' || kind, '', decided_on) AS of_case,
        policy_of('credit_grade_' || kind || '_single', '', decided_on) AS of_single,
        policy_of('credit_severe_grade', '', decided_on).value[1]::INTEGER AS severe_from,
        policy_of('credit_labels', '', decided_on).value AS labels,
        policy_of('credit_months', '', decided_on).value[1]::INTEGER AS months
    FROM misconduct
    WHERE decided_on <= getvariable('as_of') AND (repaired_on IS NULL OR repaired_on > getvariable('as_of'))
),
step AS ( -- the grades that a sum reaches; of a sum that counts and reaches none, grade 0
    SELECT case_no, enterprise_code, 1 AS turn, of_case.policy_id AS policy_id, amount_fen AS sum_fen,
        unnest(list_prepend('0=0', of_case.value)) AS step
    FROM counting WHERE of_case IS NOT NULL AND amount_fen IS NOT NULL
    UNION ALL
    SELECT case_no, enterprise_code, 2, of_single.policy_id, single_amount_fen, unnest(list_prepend('0=0', of_single.value))
    FROM counting WHERE of_single IS NOT NULL AND single_amount_fen IS NOT NULL
),
reached AS (
    SELECT case_no, enterprise_code, max(split_part(step, '=', 1)::INTEGER) AS grade,
        first(policy_id ORDER BY split_part(step, '=', 1)::INTEGER DESC, turn) AS policy_id
    FROM step
    WHERE sum_fen >= split_part(step, '=', 2)::DECIMAL(18, 6) * 100
    GROUP BY ALL
),
graded AS (
    SELECT c.*, r.grade, r.policy_id, coalesce(r.grade >= c.severe_from, false) AS is_severe,
        row_number() OVER (
            PARTITION BY c.enterprise_code ORDER BY is_severe DESC, r.grade DESC NULLS LAST, c.decided_on DESC, c.case_no
        ) AS place
    FROM counting c LEFT JOIN reached r USING (case_no, enterprise_code)
    WHERE c.months IS NULL OR getvariable('as_of') < c.decided_on + to_months(c.months)
),
of_company AS (
    SELECT l.institution_code, l.delivery_id, l.value_fen,
        unnest([l.distributor_code, p.manufacturer_code, p.mah_code]) AS enterprise_code
    FROM line l JOIN products p USING (product_code)
    WHERE l.accepted_on >= year_begins()
),
bought AS (
    SELECT enterprise_code, sum(value_fen)::BIGINT AS purchase_fen
    FROM (SELECT DISTINCT * FROM of_company)
    GROUP BY ALL
),
counted AS (
    SELECT enterprise_code, count(*) AS cases, count(*) FILTER (is_severe) AS severe_cases FROM graded GROUP BY ALL
)
SELECT enterprise_code, cases, severe_cases, case_no AS worst_case_no, kind AS worst_kind, grade,
    list_extract([split_part(label, '=', 2) FOR label IN labels IF split_part(label, '=', 1) = grade::VARCHAR], 1) AS grade_label,
    coalesce(purchase_fen, 0) AS purchase_fen, policy_id
FROM graded
JOIN counted USING (enterprise_code)
LEFT JOIN bought USING (enterprise_code)
WHERE place = 1
ORDER BY enterprise_code
