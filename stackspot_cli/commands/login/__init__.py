"""Credentials asked for, proved and stored."""
