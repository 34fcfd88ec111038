"""Messages of monitoring: from any bytes to one type, or to a sentence that says why not. Pure, and never raises."""
