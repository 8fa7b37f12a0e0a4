"""Pages: each reads a request, asks the rooms below, and draws a template. No rule lives here."""
