"""AWS Backup, none of it moto's."""
