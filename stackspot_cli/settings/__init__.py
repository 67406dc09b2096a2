"""Every setting, and where it came from: options, environment, the config file, what is usual."""
