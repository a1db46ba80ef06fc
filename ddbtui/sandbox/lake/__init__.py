"""Lake Formation, as far as it decides about the Data Catalog."""
