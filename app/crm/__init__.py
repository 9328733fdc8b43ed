"""The local copies of what Salesforce owns. The sync keeps them equal; every other room reads them here."""
