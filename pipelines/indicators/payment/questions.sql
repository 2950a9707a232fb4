-- payment_rates: 各机构按金额、按笔数的支付及时率
SELECT institution_code, SUM(matured_fen) / 100.0 AS matured_yuan, SUM(overdue_fen) / 100.0 AS overdue_yuan,
       SUM(on_time_fen) * 1.0 / SUM(matured_fen) AS rate_amount, SUM(on_time_count) * 1.0 / SUM(matured_count) AS rate_count
FROM payment_timeliness WHERE as_of = :as_of AND due_rule = 'applicable'
GROUP BY institution_code HAVING SUM(matured_fen) > 0 ORDER BY rate_amount;

-- arrears: 各机构验收的货款还有多少未付，验收已超过 90 天、180 天的各多少？
SELECT institution_code, SUM(accepted_fen) / 100.0 AS accepted_yuan, SUM(unpaid_fen) / 100.0 AS unpaid_yuan,
       SUM(unpaid_over_90_fen) / 100.0 AS over_90_yuan, SUM(unpaid_over_180_fen) / 100.0 AS over_180_yuan
FROM payment_arrears WHERE as_of = :as_of
GROUP BY institution_code HAVING SUM(unpaid_fen) > 0 ORDER BY over_90_yuan DESC, unpaid_yuan DESC;

-- unpaid_overdue: 哪些应付已到期而未付，自何时起？
SELECT institution_code, distributor_code, delivery_id, invoice_no, accepted_on, payment_due_on,
       amount_fen / 100.0 AS amount_yuan, unpaid_fen / 100.0 AS unpaid_yuan, excuse_id
FROM payment_unpaid WHERE as_of = :as_of AND payment_due_on <= :as_of ORDER BY accepted_on, institution_code, delivery_id;
