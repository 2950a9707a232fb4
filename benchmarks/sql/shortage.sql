-- Products of which a city did not get what was ordered (obligations §26), written by hand over the records of a run.
-- In: words.sql. Of the order lines due in the 90 days that end with as_of.
WITH due AS (
    SELECT o.*, city(o.jurisdiction_code) AS city_code, p.generic_code, p.route,
        (o.ordered * 10000)::HUGEINT * (p.units_per_pack * 10000)::HUGEINT AS ordered_units,
        (o.delivered * 10000)::HUGEINT * (p.units_per_pack * 10000)::HUGEINT AS delivered_units
    FROM order_line o JOIN product p USING (product_code)
    WHERE o.due_on >= getvariable('as_of') - 89
),
of_generic AS (
    SELECT city_code, generic_code, route, sum(delivered_units)::DOUBLE / sum(ordered_units)::DOUBLE AS generic_fill_rate
    FROM due GROUP BY ALL
),
summed AS (
    SELECT city_code, product_code, generic_code, route,
        count(DISTINCT institution_code) AS institutions,
        count(DISTINCT institution_code) FILTER (delivered < ordered) AS short_institutions,
        count(DISTINCT distributor_code) AS distributors,
        sum(ordered_units) AS ordered, sum(delivered_units) AS delivered
    FROM due GROUP BY ALL
    HAVING sum(delivered_units) < sum(ordered_units)
),
ruled AS (
    SELECT city_code, policy_of('shortage_fill', city_code, getvariable('as_of')) AS fill,
        policy_of('watch_fill', city_code, getvariable('as_of')) AS watch,
        policy_of('shortage_institutions', city_code, getvariable('as_of')).value[1]::INTEGER AS least
    FROM (SELECT DISTINCT city_code FROM due)
),
judged AS (
    SELECT *, EXISTS (
            FROM listed l
            WHERE l.product_code = s.product_code AND l.list IN ('shortage', 'shortage_prone')
                AND starts_with(s.city_code, l.binds) AND getvariable('as_of') BETWEEN l.valid_from AND l.valid_to
        ) AS is_listed
    FROM summed s JOIN of_generic USING (city_code, generic_code, route) JOIN ruled USING (city_code)
)
SELECT city_code, product_code, institutions, short_institutions, distributors,
    ordered::DOUBLE / 1e8 AS ordered_units, delivered::DOUBLE / 1e8 AS delivered_units,
    delivered::DOUBLE / ordered::DOUBLE AS fill_rate, generic_fill_rate, is_listed,
    CASE
        WHEN short_institutions >= least AND delivered * 1000000 < ordered * (fill.value[1]::DECIMAL(18, 6) * 1000000)::HUGEINT
            THEN 'shortage'
        WHEN is_listed OR delivered * 1000000 < ordered * (watch.value[1]::DECIMAL(18, 6) * 1000000)::HUGEINT THEN 'watch'
        ELSE 'none'
    END AS level,
    fill.policy_id AS policy_id
FROM judged
ORDER BY city_code, product_code
