-- Lines paid beyond the price that holds (obligations §25), written by hand over the records of a run.
-- In: words.sql.
SELECT institution_code, delivery_id, jurisdiction_code, product_code, distributor_code, ordered_on, accepted_on, basis,
    expected::DOUBLE AS expected_price, unit_price::DOUBLE AS paid_price, packs::DOUBLE AS packs,
    fen(over_price * packs) AS over_fen,
    (over_price * 10000)::DOUBLE / nullif(expected * 10000, 0)::DOUBLE AS over_rate
FROM priced_line
WHERE is_over
ORDER BY institution_code, delivery_id
