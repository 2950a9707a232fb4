-- payment_rates: 各机构按金额、按笔数的支付及时率
SELECT institution_code, SUM(matured_fen) / 100.0 AS matured_yuan, SUM(overdue_fen) / 100.0 AS overdue_yuan,
       SUM(on_time_fen) * 1.0 / SUM(matured_fen) AS rate_amount, SUM(on_time_count) * 1.0 / SUM(matured_count) AS rate_count
FROM payment_timeliness WHERE as_of = :as_of AND due_rule = 'applicable'
GROUP BY institution_code HAVING SUM(matured_fen) > 0 ORDER BY rate_amount;
