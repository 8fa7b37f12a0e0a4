"""The mathematics of a call on plain values: calibration, assignment, the line, lots. No database, no clock.

Parts of scipy are named in full where they are used: it loads them when they are first asked for, which only work
in the background does, and every start of the desk is spared a third of its time.
"""
