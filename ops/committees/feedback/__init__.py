"""What users tell the committee, in confidence where they wish."""
