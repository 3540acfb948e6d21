"""What makes the shipped persona: her portrait. No kiosk needs this room to run."""
