"""The pages that are about resource allocation alone."""
