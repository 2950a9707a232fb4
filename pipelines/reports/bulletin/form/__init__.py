"""How a bulletin looks: workbook, pages, print."""
