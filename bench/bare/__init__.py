"""What a Django REST framework application costs that does the same and keeps nothing of it.

Tickets and comments, tokens, lists, full-text search, a transition that checks the state, two pages. No history, no
permissions, no clocks, no messages: the least that a desk could be, to measure ours against.
"""
