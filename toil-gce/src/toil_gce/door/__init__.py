"""What speaks to Google's libraries; the rest of the distribution uses our words."""
