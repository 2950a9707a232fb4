-- Usage mix by month (obligations §16).
WITH drawn AS (
    SELECT l.institution_code, c.generic_code, c.route, l.month, l.jurisdiction_code,
        coalesce(sum(l.units) FILTER (c.class = 'W'), 0)::HUGEINT AS w, coalesce(sum(l.units) FILTER (c.class = 'N'), 0)::HUGEINT AS n,
        coalesce(sum(l.units) FILTER (c.class = 'S'), 0)::HUGEINT AS s,
        coalesce(sum(l.value_fen) FILTER (c.class = 'W'), 0)::BIGINT AS selected_fen,
        coalesce(sum(l.value_fen) FILTER (c.class = 'N'), 0)::BIGINT AS non_selected_fen,
        coalesce(sum(l.value_fen) FILTER (c.class = 'S'), 0)::BIGINT AS substitute_fen
    FROM measured_line l
    JOIN classed c USING (product_code, accepted_on, jurisdiction_code)
    WHERE l.kind = 'drug'
    GROUP BY ALL
)
SELECT institution_code, generic_code, route, month, jurisdiction_code,
    w::DOUBLE / 1e8 AS selected_units, n::DOUBLE / 1e8 AS non_selected_units, s::DOUBLE / 1e8 AS substitute_units,
    selected_fen, non_selected_fen, substitute_fen,
    n::DOUBLE / nullif(w + n, 0)::DOUBLE AS non_selected_share_units,
    non_selected_fen::DOUBLE / nullif(selected_fen + non_selected_fen, 0)::DOUBLE AS non_selected_share_amount
FROM drawn
ORDER BY institution_code, generic_code, route, month
