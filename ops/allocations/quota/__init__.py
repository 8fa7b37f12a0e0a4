"""The quota document of the platform's authorisation service: its format, what awards add, the service itself."""
