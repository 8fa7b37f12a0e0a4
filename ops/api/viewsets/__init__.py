"""What answers at the addresses. Each action reads a request, asks the rooms below, and tells what they said."""
