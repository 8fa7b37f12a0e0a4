"""The pages that are about acceptance testing alone."""
