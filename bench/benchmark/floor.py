"""The least that any answer costs: open, overdue and uninvoiced by customer, as one
aggregate over the tables."""

STATEMENT = """
SELECT COALESCE(owed.customer_id, ordered.customer_id) AS customer_id,
       COALESCE(owed.open, 0) AS open,
       COALESCE(owed.overdue, 0) AS overdue,
       COALESCE(ordered.uninvoiced, 0) AS uninvoiced
  FROM (SELECT partner.commercial_partner_id AS customer_id,
               SUM(line.amount_residual) AS open,
               SUM(line.amount_residual) FILTER (
                   WHERE line.date_maturity < %(today)s
                     AND line.amount_residual > 0) AS overdue
          FROM account_move_line line
          JOIN account_account account ON account.id = line.account_id
          JOIN res_partner partner ON partner.id = line.partner_id
         WHERE account.account_type = 'asset_receivable'
           AND line.parent_state = 'posted'
           AND line.reconciled IS NOT TRUE
           AND line.company_id = %(company)s
      GROUP BY partner.commercial_partner_id) owed
  FULL JOIN (
        SELECT partner.commercial_partner_id AS customer_id,
               SUM(line.price_total / NULLIF(line.product_uom_qty, 0)
                   * GREATEST(line.product_uom_qty - line.qty_invoiced, 0)
                   / sale.currency_rate) AS uninvoiced
          FROM sale_order_line line
          JOIN sale_order sale ON sale.id = line.order_id
          JOIN res_partner partner ON partner.id = sale.partner_invoice_id
         WHERE sale.state = 'sale'
           AND sale.company_id = %(company)s
           AND line.display_type IS NULL
      GROUP BY partner.commercial_partner_id) ordered
    ON ordered.customer_id = owed.customer_id
"""
