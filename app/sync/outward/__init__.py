"""From Tandem to Salesforce: what to write, and how it goes."""
