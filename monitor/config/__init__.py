"""Files and environment in, one frozen ``Config`` out. Nobody else reads either."""
