"""What reads and compares items itself, without boto3's Decimal layer."""
