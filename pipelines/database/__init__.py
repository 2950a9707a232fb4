"""The report database: its tables, who may write them, and what every act wrote."""
