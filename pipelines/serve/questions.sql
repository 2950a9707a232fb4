-- failing_commitments: 哪些协议未完成或严重滞后？
SELECT institution_code, lot_code, item_code, agreed_quantity, net_quantity, strict_rate, time_progress, status
FROM agreed_volume_completion
WHERE as_of = :as_of AND status IN ('failed', 'seriously_behind') ORDER BY strict_rate;

-- payment_rates: 各机构按金额、按笔数的支付及时率
SELECT institution_code, SUM(matured_fen) / 100.0 AS matured_yuan, SUM(overdue_fen) / 100.0 AS overdue_yuan,
       SUM(on_time_fen) * 1.0 / SUM(matured_fen) AS rate_amount, SUM(on_time_count) * 1.0 / SUM(matured_count) AS rate_count
FROM payment_timeliness WHERE as_of = :as_of AND due_rule = 'applicable'
GROUP BY institution_code HAVING SUM(matured_fen) > 0 ORDER BY rate_amount;

-- too_many_invoices: 哪些发票行超过两票？
SELECT invoice_code, invoice_no, line_no, institution_code, seller_code, batch_no, net_fen / 100.0 AS net_yuan, hops
FROM two_invoice_line WHERE as_of = :as_of AND verdict = 'too_many_invoices' ORDER BY net_fen DESC;

-- open_rejects: 哪些行被拒收，在哪个文件第几行，为什么？
SELECT r.dataset, r.source_path, r.sheet, r.line_no, r.natural_key, r.reasons, r.raw_json, f.sha256
FROM rejected_records r LEFT JOIN source_files f
  ON f.path = r.source_path AND f.status = 'accepted' AND f.run_id IN (r.first_seen_run, r.last_seen_run)
WHERE r.state = 'open' ORDER BY r.dataset, r.source_path, r.sheet, r.line_no;

-- runs_of_a_date: 某日的数字出自哪次运行、哪个程序版本、哪些输入和政策条目？
SELECT r.run_id, r.finished_at, r.code_version, r.policy_rows, r.input_digest, r.result_digest, r.released_by, r.note
FROM publications p JOIN runs r ON r.run_id = p.run_id WHERE p.as_of = :as_of;

-- restated: 发布之后更正过什么，为什么？
SELECT "统计截止日", "表中文名", "行标识", "列中文名", "原值", "新值", "原因", "原运行编号", "运行编号"
FROM "数据修订" ORDER BY 1, 2, 3, 4;
