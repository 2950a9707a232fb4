-- Forms and strengths of a drug (obligations §21), written by hand over the records of a run.
-- In: words.sql.
WITH bought AS (
    SELECT DISTINCT l.institution_code, l.jurisdiction_code, l.product_code, p.form, p.strength_text,
        CASE
            WHEN regexp_matches(l.product_code, '^X[A-Z]\d{2}[A-Z]{2}[A-Z]\d{3}[A-Z]\d{3}\d{2}\d{2}\d{5}$')
                THEN left(l.product_code, 10)
            WHEN regexp_matches(l.product_code, '^Z[A-Z]\d{2}[A-Z]{2}[A-Z]\d{4}\d{2}\d{2}\d{5}$')
                THEN left(l.product_code, 11)
            ELSE p.generic_code
        END AS drug_code
    FROM line l JOIN product p USING (product_code)
    WHERE p.kind = 'drug' AND p.special_category <> 'tcm_decoction' AND l.accepted_on >= year_begins()
),
word AS (
    SELECT jurisdiction_code, parameter,
        list_transform(policy_of(parameter, jurisdiction_code, getvariable('as_of')).value, lambda word: as_text(word)) AS words
    FROM (SELECT DISTINCT jurisdiction_code FROM bought),
        (SELECT unnest(['injection_forms', 'oral_forms', 'non_oral_forms']) AS parameter)
),
told AS (
    SELECT *,
        EXISTS (
            FROM word w, unnest(w.words) AS u(word)
            WHERE w.jurisdiction_code = b.jurisdiction_code AND w.parameter = 'injection_forms' AND contains(b.form, u.word)
        ) AS is_injected,
        EXISTS (
            FROM word w, unnest(w.words) AS u(word)
            WHERE w.jurisdiction_code = b.jurisdiction_code AND w.parameter = 'oral_forms' AND contains(b.form, u.word)
        ) AND NOT EXISTS (
            FROM word w, unnest(w.words) AS u(word)
            WHERE w.jurisdiction_code = b.jurisdiction_code AND w.parameter <> 'oral_forms' AND contains(b.form, u.word)
        ) AS is_oral
    FROM bought b
),
by_form AS (
    SELECT institution_code, drug_code, form, count(DISTINCT strength_text) AS strengths
    FROM told WHERE form IS NOT NULL GROUP BY ALL
),
forms AS (SELECT institution_code, drug_code, count(*) AS forms, max(strengths) AS strengths FROM by_form GROUP BY ALL),
summed AS (
    SELECT institution_code, drug_code, jurisdiction_code,
        count(*) FILTER (form IS NOT NULL AND strength_text IS NOT NULL) AS products,
        count(*) FILTER (form IS NULL OR strength_text IS NULL) AS unknown_products,
        count(DISTINCT (form, strength_text)) FILTER (is_injected AND strength_text IS NOT NULL) AS injection_products,
        count(DISTINCT (form, strength_text)) FILTER (is_oral AND strength_text IS NOT NULL) AS oral_products
    FROM told GROUP BY ALL
)
SELECT s.*, coalesce(f.forms, 0) AS forms, coalesce(f.strengths, 0) AS strengths,
    policy_of('products_max', jurisdiction_code, getvariable('as_of')).policy_id AS policy_id
FROM summed s LEFT JOIN forms f USING (institution_code, drug_code)
ORDER BY institution_code, drug_code
