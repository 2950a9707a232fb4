-- What came, and what came in time, of what was ordered (obligations §26), written by hand over the records of a run.
-- In: words.sql.
WITH summed AS (
    SELECT institution_code, distributor_code, strftime(ordered_on, '%Y-%m') AS month, jurisdiction_code,
        count(*) AS lines,
        count(*) FILTER (delivered = ordered) AS complete_lines,
        count(*) FILTER (on_time = ordered) AS on_time_lines,
        sum(fen(ordered * unit_price))::BIGINT AS ordered_fen,
        sum(fen(delivered * unit_price))::BIGINT AS delivered_fen,
        sum(fen(on_time * unit_price))::BIGINT AS on_time_fen
    FROM order_line GROUP BY ALL
)
SELECT *, delivered_fen::DOUBLE / nullif(ordered_fen, 0)::DOUBLE AS delivery_rate,
    on_time_fen::DOUBLE / nullif(ordered_fen, 0)::DOUBLE AS on_time_rate,
    policy_of('delivery_rate_min', jurisdiction_code, getvariable('as_of')).policy_id AS policy_id
FROM summed
ORDER BY institution_code, distributor_code, month
