"""Reports of the Users Committee, what was told to it, and a review from outside, played through the engine."""
