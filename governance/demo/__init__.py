"""What the demo needs beyond the portal: its logs, its planted canaries, and the hunt for what must not be
there."""
