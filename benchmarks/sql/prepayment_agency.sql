-- Prepayment by agency (obligations §15).
SELECT p.agency_code, coalesce(a.jurisdiction_code, '') AS jurisdiction_code, count(*) AS groups,
    sum(required_fen)::BIGINT AS required_fen, sum(least(on_time_fen, required_fen))::BIGINT AS on_time_fen,
    sum(least(on_time_fen, required_fen))::DOUBLE / sum(required_fen)::DOUBLE AS on_time_rate
FROM prepaid p
LEFT JOIN agencies a USING (agency_code)
WHERE required_fen > 0 AND pay_due_on < getvariable('as_of')
GROUP BY ALL
ORDER BY p.agency_code
