"""DynamoDB: moto's tables with what it lacks, exports and imports."""
