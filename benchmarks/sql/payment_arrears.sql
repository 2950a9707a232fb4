-- Arrears by month of acceptance (obligations §33).
WITH payable AS (
    SELECT institution_code, distributor_code, jurisdiction_code, accepted_on, amount, coalesce(sum(fen), 0) AS paid,
        amount - coalesce(sum(fen), 0) AS unpaid, getvariable('as_of') - accepted_on AS days
    FROM settled
    GROUP BY due, institution_code, distributor_code, jurisdiction_code, accepted_on, amount
)
SELECT institution_code, distributor_code, strftime(accepted_on, '%Y-%m') AS month, jurisdiction_code,
    count(*) AS payables, sum(amount)::BIGINT AS accepted_fen, sum(paid)::BIGINT AS paid_fen, sum(unpaid)::BIGINT AS unpaid_fen,
    coalesce(sum(unpaid) FILTER (days > 30), 0)::BIGINT AS unpaid_over_30_fen,
    coalesce(sum(unpaid) FILTER (days > 60), 0)::BIGINT AS unpaid_over_60_fen,
    coalesce(sum(unpaid) FILTER (days > 90), 0)::BIGINT AS unpaid_over_90_fen,
    coalesce(sum(unpaid) FILTER (days > 180), 0)::BIGINT AS unpaid_over_180_fen
FROM payable
GROUP BY ALL
ORDER BY ALL
