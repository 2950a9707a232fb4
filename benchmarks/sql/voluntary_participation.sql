-- Voluntary participation (obligations §14).
WITH asked AS (
    SELECT i.institution_code, i.jurisdiction_code, i.ownership,
        EXISTS (
            SELECT 1 FROM agreed a
            WHERE a.institution_code = i.institution_code AND a.agreed > 0
                AND getvariable('as_of') BETWEEN a.period_start AND a.period_end
        ) AS is_committed
    FROM institutions i
    WHERE i.ownership IN ('private', 'retail') AND i.is_designated
),
bought AS (
    SELECT institution_code, coalesce(sum(value_fen) FILTER (channel = 'platform'), 0) AS platform_fen,
        coalesce(sum(value_fen) FILTER (channel = 'offline'), 0) AS offline_fen, bool_or(channel = 'platform') AS is_participant
    FROM measured_line
    WHERE accepted_on >= date_trunc('year', getvariable('as_of'))
    GROUP BY institution_code
)
SELECT jurisdiction_code, ownership, count(*) AS institutions, count(*) FILTER (is_participant) AS participants,
    count(*) FILTER (is_committed) AS committed, coalesce(sum(platform_fen), 0)::BIGINT AS platform_fen,
    coalesce(sum(offline_fen), 0)::BIGINT AS offline_fen,
    count(*) FILTER (is_participant)::DOUBLE / count(*) AS participation_rate
FROM asked
LEFT JOIN bought USING (institution_code)
GROUP BY ALL
ORDER BY ALL
