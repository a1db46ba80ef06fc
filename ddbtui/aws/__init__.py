"""All talk with AWS that no method owns: sessions and identity, tables, policies, errors in plain words."""
