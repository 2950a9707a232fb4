-- How prices moved from order day to order day (obligations §25), written by hand over the records of a run.
-- In: words.sql.
WITH ruled AS (
    SELECT jurisdiction_code,
        policy_of('price_window_days', jurisdiction_code, getvariable('as_of')).value[1]::INTEGER AS window_days,
        policy_of('price_rise_limit', jurisdiction_code, getvariable('as_of')).policy_id AS policy_id
    FROM (SELECT DISTINCT jurisdiction_code FROM line)
),
daily AS (
    SELECT institution_code, distributor_code, product_code, jurisdiction_code, policy_id, ordered_on,
        min(unit_price) AS price, count(*) AS lines
    FROM line JOIN ruled USING (jurisdiction_code)
    WHERE ordered_on > getvariable('as_of') - window_days AND ordered_on <= getvariable('as_of')
    GROUP BY ALL
),
moved AS (
    SELECT *, lag(price) OVER series AS before,
        min(nullif(price, 0)) OVER (series ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS low,
        max(nullif(price, 0)) OVER (series ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS high
    FROM daily
    WINDOW series AS (PARTITION BY institution_code, distributor_code, product_code ORDER BY ordered_on)
),
made AS (
    SELECT DISTINCT left(l.jurisdiction_code, 2) AS province, p.generic_code, p.route, p.manufacturer_code
    FROM line l JOIN product p USING (product_code)
    WHERE l.accepted_on >= year_begins()
),
makers AS (SELECT province, generic_code, route, count(*) AS manufacturers FROM made GROUP BY ALL),
summed AS (
    SELECT institution_code, distributor_code, product_code, jurisdiction_code, policy_id, sum(lines)::BIGINT AS lines,
        count(*) FILTER (price <> before) AS changes,
        arg_min(price, ordered_on)::DOUBLE AS first_price, arg_max(price, ordered_on)::DOUBLE AS last_price,
        min(price)::DOUBLE AS lowest_price, max(price)::DOUBLE AS highest_price,
        greatest(0, max(((price - low) * 10000)::DOUBLE / (low * 10000)::DOUBLE)) AS rise,
        greatest(0, max(((high - price) * 10000)::DOUBLE / (high * 10000)::DOUBLE)) AS fall
    FROM moved GROUP BY ALL
    HAVING changes > 0
)
SELECT s.*, coalesce(m.manufacturers, 0) AS manufacturers,
    EXISTS (
        FROM listed l
        WHERE l.product_code = s.product_code AND l.list IN ('shortage', 'shortage_prone')
            AND starts_with(s.jurisdiction_code, l.binds) AND getvariable('as_of') BETWEEN l.valid_from AND l.valid_to
    ) AS is_listed
FROM summed s
JOIN product p USING (product_code)
LEFT JOIN makers m ON m.province = left(s.jurisdiction_code, 2) AND m.generic_code = p.generic_code AND m.route = p.route
ORDER BY institution_code, distributor_code, product_code
