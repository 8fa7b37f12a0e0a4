"""Reports of a committee or an outside review: their items, the votes, what became of each item, and the tracker."""
