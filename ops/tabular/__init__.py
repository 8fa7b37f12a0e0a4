"""Tables in files as people really have them: read whatever is wrong with them, every line accounted for."""
