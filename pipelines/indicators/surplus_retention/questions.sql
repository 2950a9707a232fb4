-- surplus_retained: 各机构各批次的结余测算基数和可留用金额是多少？
SELECT institution_code, lot_code, COUNT(*) AS bases, SUM(budget_fen) / 100.0 AS budget_yuan, SUM(spend_fen) / 100.0 AS spend_yuan,
       SUM(surplus_fen) / 100.0 AS surplus_yuan, SUM(retained_fen) / 100.0 AS retained_yuan
FROM surplus_retention WHERE as_of = :as_of
GROUP BY institution_code, lot_code ORDER BY surplus_yuan DESC, institution_code, lot_code;

-- surplus_not_settled: 哪些结余还不能算出可留用金额，缺什么？
SELECT institution_code, lot_code, item_code, period_start, period_end, status, surplus_fen / 100.0 AS surplus_yuan
FROM surplus_retention WHERE as_of = :as_of AND status <> 'assessed' ORDER BY status, institution_code, lot_code, item_code;

-- surplus_volume_not_met: 哪些可留用的结余，其约定采购量没有完成？
SELECT institution_code, lot_code, item_code, period_start, result, score, ratio, retained_fen / 100.0 AS retained_yuan
FROM surplus_retention WHERE as_of = :as_of AND retained_fen > 0 AND NOT volume_met ORDER BY retained_yuan DESC;
