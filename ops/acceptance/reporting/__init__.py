"""The report of a campaign: its content from the executions, its digest, its pages."""
