"""Yearly assessment (与年度考核挂钩): scores of institutions from published figures, raw counts beside them."""
