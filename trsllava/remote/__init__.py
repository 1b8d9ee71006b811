"""Files behind http(s), s3 and gs addresses: read in parts, with limits, and without a word of their credentials."""
