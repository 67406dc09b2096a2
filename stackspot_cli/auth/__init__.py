"""The one door to a secret: credentials from four stores, and the tokens that they buy."""
