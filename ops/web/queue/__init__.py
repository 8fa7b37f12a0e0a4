"""Many tickets at once: lists, boards, filters, columns, one step for many."""
