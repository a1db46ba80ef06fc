"""S3: what moto lacks of ownership, encryption and policies."""
