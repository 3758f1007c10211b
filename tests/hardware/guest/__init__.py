"""What runs inside the guest of the device test."""
