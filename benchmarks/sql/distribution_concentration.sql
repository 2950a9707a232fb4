-- How the drugs of the year are spread over distributors and their groups (obligations §23), written by hand over the
-- records of a run. In: words.sql.
WITH bought AS (
    SELECT l.institution_code, l.distributor_code, l.product_code, l.value_fen,
        coalesce(nullif(e.group_code, ''), l.distributor_code) AS group_code,
        unnest([
            {'level': 'county', 'code': l.jurisdiction_code, 'place': l.jurisdiction_code},
            {'level': 'city', 'code': city(l.jurisdiction_code), 'place': city(l.jurisdiction_code)},
            {'level': 'all', 'code': 'all', 'place': ''}
        ], recursive := true)
    FROM line l
    JOIN products p USING (product_code)
    LEFT JOIN enterprises e ON e.enterprise_code = l.distributor_code
    WHERE p.kind = 'drug' AND l.accepted_on >= year_begins()
),
whole AS (
    SELECT level, code, place AS jurisdiction_code, count(DISTINCT institution_code) AS institutions,
        sum(value_fen)::HUGEINT AS fen
    FROM bought GROUP BY ALL
),
supplier AS (
    SELECT *, row_number() OVER (PARTITION BY level, code ORDER BY fen DESC, distributor_code) AS place
    FROM (SELECT level, code, distributor_code, sum(value_fen)::HUGEINT AS fen FROM bought GROUP BY ALL)
),
suppliers AS (
    SELECT level, code, count(*) AS distributors, first(distributor_code) FILTER (place = 1) AS top_distributor_code,
        max(fen) AS top, sum(fen) FILTER (place <= 10) AS top10, sum(fen * fen) AS squares
    FROM supplier GROUP BY ALL
),
team AS (
    SELECT *, row_number() OVER (PARTITION BY level, code ORDER BY fen DESC, group_code) AS place
    FROM (SELECT level, code, group_code, sum(value_fen)::HUGEINT AS fen FROM bought GROUP BY ALL)
),
teams AS (
    SELECT level, code, first(group_code) FILTER (place = 1) AS top_group_code, max(fen) AS top_group,
        sum(fen * fen) AS squares_group, count(*) FILTER (fen > 100000000000) AS over_1000m,
        count(*) FILTER (fen > 50000000000) AS over_500m
    FROM team GROUP BY ALL
),
drug AS (
    SELECT level, code, product_code,
        count(DISTINCT institution_code) >= 2 AND count(DISTINCT distributor_code) = 1 AS is_sole
    FROM bought GROUP BY ALL
),
drugs AS (SELECT level, code, count(*) AS products, count(*) FILTER (is_sole) AS sole_products FROM drug GROUP BY ALL)
SELECT level, code, jurisdiction_code, institutions, fen::BIGINT AS purchase_fen, distributors, top_distributor_code,
    top::DOUBLE / nullif(fen, 0)::DOUBLE AS top_share, top10::DOUBLE / nullif(fen, 0)::DOUBLE AS top10_share,
    (squares * 10000)::DOUBLE / nullif(fen * fen, 0)::DOUBLE AS hhi,
    top_group_code, top_group::DOUBLE / nullif(fen, 0)::DOUBLE AS top_group_share,
    (squares_group * 10000)::DOUBLE / nullif(fen * fen, 0)::DOUBLE AS hhi_group,
    over_1000m, over_500m, products, sole_products,
    policy_of(
        CASE level WHEN 'county' THEN 'sole_distributor_share' ELSE 'top10_share_min' END, jurisdiction_code, getvariable('as_of')
    ).policy_id AS policy_id
FROM whole
JOIN suppliers USING (level, code)
JOIN teams USING (level, code)
JOIN drugs USING (level, code)
ORDER BY level, code
