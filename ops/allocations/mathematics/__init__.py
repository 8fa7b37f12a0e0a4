"""The mathematics of a call on plain values: calibration, assignment, the line, lots. No database, no clock."""
