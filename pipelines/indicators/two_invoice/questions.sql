-- too_many_invoices: 哪些发票行超过两票？
SELECT invoice_code, invoice_no, line_no, institution_code, seller_code, batch_no, net_fen / 100.0 AS net_yuan, hops
FROM two_invoice_line WHERE as_of = :as_of AND verdict = 'too_many_invoices' ORDER BY net_fen DESC;
