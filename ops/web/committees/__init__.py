"""The pages that are about the Users Committee alone."""
