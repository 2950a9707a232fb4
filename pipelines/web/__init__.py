"""What people reach with a browser, behind Airflow's own login: pages and workbooks of a home, and files that they send."""
