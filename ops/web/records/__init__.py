"""The page of one record: its facts, its story, what can be done now and by whom."""
