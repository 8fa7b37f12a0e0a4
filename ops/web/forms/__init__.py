"""How things are asked for: forms made from declarations, text that is never lost."""
