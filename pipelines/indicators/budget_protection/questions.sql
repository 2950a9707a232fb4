-- budget_protection: 各机构的总额控制指标是否不降低，由哪一项条件决定？
SELECT institution_code, verdict, volume, contract, rational_use, commitments_ended, commitments_short,
       overdue_fen / 100.0 AS overdue_yuan
FROM budget_protection WHERE as_of = :as_of ORDER BY verdict, institution_code;

-- budget_protection_short: 不符合条件的机构中，哪些国家组织批次的协议到期而未完成？
SELECT c.institution_code, c.commitment_id, c.lot_code, c.item_code, c.period_end, c.agreed_quantity, c.net_quantity, c.strict_rate
FROM agreed_volume_completion c JOIN budget_protection p ON p.as_of = c.as_of AND p.institution_code = c.institution_code
WHERE c.as_of = :as_of AND c.status = 'failed' AND p.commitments_short > 0
ORDER BY c.institution_code, c.period_end, c.commitment_id;
