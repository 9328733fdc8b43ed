"""From Salesforce to Tandem: poll, pages, identity, backfill, fields that come and go."""
