-- On the platform (obligations §20).
WITH kept AS (
    SELECT l.*, list_contains(
            policy_of('platform_exempt_categories', l.jurisdiction_code, l.accepted_on).value, l.special_category
        ) AS is_exempt
    FROM measured_line l
    WHERE (
        list_contains(policy_of('platform_kinds', l.jurisdiction_code, l.accepted_on).value, l.kind)
        OR EXISTS (
            SELECT 1 FROM listed_or_flagged e
            WHERE e.list = 'platform_consumable' AND e.product_code = l.product_code
                AND starts_with(l.jurisdiction_code, e.binds) AND l.accepted_on BETWEEN e.valid_from AND e.valid_to
        )
    )
),
summed AS (
    SELECT institution_code, kind, month, jurisdiction_code, sum(value_fen)::BIGINT AS purchase_fen,
        coalesce(sum(value_fen) FILTER (is_exempt), 0)::BIGINT AS exempt_fen,
        coalesce(sum(value_fen) FILTER (NOT is_exempt AND is_emergency), 0)::BIGINT AS emergency_fen,
        coalesce(sum(value_fen) FILTER (NOT is_exempt AND NOT is_emergency), 0)::BIGINT AS scope_fen,
        coalesce(sum(value_fen) FILTER (NOT is_exempt AND NOT is_emergency AND channel = 'platform'), 0)::BIGINT AS platform_fen,
        coalesce(sum(value_fen) FILTER (NOT is_exempt AND NOT is_emergency AND channel = 'offline'), 0)::BIGINT AS offline_fen,
        count(*) FILTER (NOT is_exempt AND NOT is_emergency) AS scope_lines,
        count(*) FILTER (NOT is_exempt AND NOT is_emergency AND channel = 'offline') AS offline_lines
    FROM kept
    GROUP BY ALL
)
SELECT *, platform_fen::DOUBLE / nullif(scope_fen, 0)::DOUBLE AS platform_rate,
    emergency_fen::DOUBLE / nullif(emergency_fen + scope_fen, 0)::DOUBLE AS emergency_share,
    policy_of('emergency_limit', jurisdiction_code, getvariable('as_of')).policy_id AS policy_id
FROM summed
ORDER BY institution_code, kind, month
