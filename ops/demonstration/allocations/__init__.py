"""The Resource Allocation Committee of the demonstration observatory: its calls, requests, awards."""
