"""The three streams and the person behind them. Knows no service, no format and no setting."""
