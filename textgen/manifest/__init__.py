"""What a timeline says of itself, and every document made from that; pure functions."""
