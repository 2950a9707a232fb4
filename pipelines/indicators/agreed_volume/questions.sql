-- failing_commitments: 哪些协议未完成或严重滞后？
SELECT institution_code, lot_code, item_code, agreed_quantity, net_quantity, strict_rate, time_progress, status
FROM agreed_volume_completion
WHERE as_of = :as_of AND status IN ('failed', 'seriously_behind') ORDER BY strict_rate;
