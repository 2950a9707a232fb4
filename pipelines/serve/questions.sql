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
