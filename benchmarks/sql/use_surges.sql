-- Surges of use (obligations §17): drugs not selected on their day, 90 days against the 360 before.
WITH old_enough AS (
    SELECT DISTINCT institution_code FROM measured_line WHERE accepted_on <= getvariable('as_of') - 449
),
chosen AS (SELECT product_code, accepted_on, jurisdiction_code FROM classed WHERE class = 'W'),
summed AS (
    SELECT l.institution_code, l.generic_code, l.jurisdiction_code,
        coalesce(sum(l.units) FILTER (l.accepted_on > getvariable('as_of') - 90), 0)::HUGEINT AS recent,
        coalesce(sum(l.value_fen) FILTER (l.accepted_on > getvariable('as_of') - 90), 0)::BIGINT AS recent_fen,
        coalesce(sum(l.units) FILTER (l.accepted_on <= getvariable('as_of') - 90), 0)::HUGEINT AS usual_of_four
    FROM measured_line l
    SEMI JOIN old_enough USING (institution_code)
    ANTI JOIN chosen USING (product_code, accepted_on, jurisdiction_code)
    WHERE l.kind = 'drug' AND l.accepted_on >= getvariable('as_of') - 449
    GROUP BY ALL
)
SELECT institution_code, generic_code, jurisdiction_code, recent::DOUBLE / 1e8 AS recent_units, recent_fen,
    usual_of_four::DOUBLE / 4e8 AS usual_units, (4 * recent)::DOUBLE / usual_of_four::DOUBLE AS ratio,
    policy_of('surge_ratio', jurisdiction_code, getvariable('as_of')).policy_id AS policy_id
FROM summed
WHERE usual_of_four > 0
    AND recent_fen >= 100 * policy_of('surge_floor', jurisdiction_code, getvariable('as_of')).value[1]::DECIMAL(18, 6)
ORDER BY institution_code, generic_code
